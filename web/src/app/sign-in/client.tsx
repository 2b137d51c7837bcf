'use client';
import { Eye, EyeOff } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { Brand } from '../../components/layout/brand.tsx';
import { Button } from '../../components/ui/button.tsx';
import { Field, Input } from '../../components/ui/field.tsx';
import { Notice } from '../../components/ui/notice.tsx';
import { signIn } from '../../features/shell/sign-in.ts';

export function SignInForm({ to }: { to: string }) {
  const [isBusy, setBusy] = useState(false);
  const [isShown, setShown] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const onSubmit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    setProblem(null);
    const result = await signIn(String(form.get('email')), String(form.get('password')));
    if (result.ok) return window.location.assign(to);
    setProblem(result.problem);
    setBusy(false);
  };
  return (
    <main className="grid min-h-dvh place-items-center bg-sunken px-4 py-10">
      <div className="w-full max-w-[22rem]">
        <div className="mb-6 flex justify-center">
          <Brand />
        </div>
        {/* `post`: sent before this page is alive, a form would else put the password into the address and so into logs. */}
        <form method="post" onSubmit={onSubmit} className="space-y-4 rounded-lg border border-line bg-surface p-6 shadow-pop">
          <h1 className="text-lg font-semibold tracking-[-0.01em]">Sign in</h1>
          {problem && <Notice tone="danger" role="alert" title={problem} />}
          <Field label="Email">
            {(control) => <Input {...control} name="email" type="email" autoComplete="username" required autoFocus />}
          </Field>
          <Field label="Password">
            {(control) => (
              <div className="relative">
                <Input
                  {...control}
                  name="password"
                  type={isShown ? 'text' : 'password'}
                  autoComplete="current-password"
                  required
                  className="pr-9"
                />
                <button
                  type="button"
                  aria-label={isShown ? 'Hide password' : 'Show password'}
                  onClick={() => setShown(!isShown)}
                  className="absolute right-1 top-1 rounded-sm p-1 text-ink-3 hover:text-ink"
                >
                  {isShown ? <EyeOff aria-hidden className="size-4" /> : <Eye aria-hidden className="size-4" />}
                </button>
              </div>
            )}
          </Field>
          <Button type="submit" variant="primary" isBusy={isBusy} className="w-full">
            Sign in
          </Button>
        </form>
        <p className="mt-4 text-center text-xs text-ink-3">
          Started with <code>npm start</code>? It printed the email and password in its terminal.
        </p>
      </div>
    </main>
  );
}
