'use client';
import { Brand } from '../../components/layout/brand.tsx';
import { Button } from '../../components/ui/button.tsx';
import { paths } from '../../lib/paths.ts';
import { forgetWorkspace } from '../../lib/workspace-cookie.ts';
import { signOut } from './session.tsx';

interface Props {
  title?: string;
  message: string;
  /** Of a workspace that was opened last, beside which there may be others. */
  isRemembered: boolean;
}

/**
 * For somebody whose organizations let them in otherwise only (from their networks, by their single sign-on), or are deleted; and in place
 * of an open page whose workspace is theirs no more.
 */
export function Withheld({ title = 'Not open to you', message, isRemembered }: Props) {
  const openAnother = () => {
    forgetWorkspace();
    window.location.assign(paths.home);
  };
  return (
    <main className="grid min-h-dvh place-items-center bg-sunken px-4">
      <div className="w-full max-w-md rounded-lg border border-line bg-surface p-6 shadow-pop">
        <div className="mb-4">
          <Brand />
        </div>
        <h1 className="text-lg font-semibold">{title}</h1>
        <p role="alert" className="mt-1.5 text-sm text-ink-2">
          {message}
        </p>
        <div className="mt-4 flex flex-wrap gap-2">
          {isRemembered && (
            <Button variant="primary" onClick={openAnother}>
              Open another workspace
            </Button>
          )}
          <Button variant={isRemembered ? 'secondary' : 'primary'} onClick={() => void signOut()}>
            Sign in another way
          </Button>
          <Button onClick={() => window.location.reload()}>Try again</Button>
        </div>
      </div>
    </main>
  );
}
