'use client';
import { Brand } from '../../components/layout/brand.tsx';
import { Button } from '../../components/ui/button.tsx';
import { signOut } from './session.tsx';

/** For somebody whose organizations let them in otherwise only: from their networks, or by their single sign-on. */
export function Withheld({ message }: { message: string }) {
  return (
    <main className="grid min-h-dvh place-items-center bg-sunken px-4">
      <div className="w-full max-w-md rounded-lg border border-line bg-surface p-6 shadow-pop">
        <div className="mb-4">
          <Brand />
        </div>
        <h1 className="text-lg font-semibold">Not this way</h1>
        <p role="alert" className="mt-1.5 text-sm text-ink-2">
          {message}
        </p>
        <div className="mt-4 flex gap-2">
          <Button variant="primary" onClick={() => void signOut()}>
            Sign in another way
          </Button>
          <Button onClick={() => window.location.reload()}>Try again</Button>
        </div>
      </div>
    </main>
  );
}
