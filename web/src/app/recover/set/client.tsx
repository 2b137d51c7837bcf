'use client';
import { type FormEvent, useState } from 'react';
import { Brand } from '../../../components/layout/brand.tsx';
import { Button } from '../../../components/ui/button.tsx';
import { Field, Input } from '../../../components/ui/field.tsx';
import { Notice } from '../../../components/ui/notice.tsx';
import { askAuth } from '../../../features/account/ask-auth.ts';
import { paths } from '../../../lib/paths.ts';
import { useIsAlive } from '../../../lib/use-is-alive.ts';

/** The token stands behind the `#`: it is sent with the form alone, and is in no log of a proxy. */
export function SetPasswordForm() {
  const [problem, setProblem] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const isAlive = useIsAlive();
  const onSubmit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const password = String(new FormData(event.currentTarget).get('password'));
    setBusy(true);
    setProblem(null);
    try {
      await askAuth('auth/recover/set', { token: window.location.hash.slice(1), password });
      window.location.assign(paths.signIn());
    } catch (error) {
      setProblem((error as Error).message);
      setBusy(false);
    }
  };
  return (
    <main className="grid min-h-dvh place-items-center bg-sunken px-4 py-10">
      <div className="w-full max-w-[22rem]">
        <div className="mb-6 flex justify-center">
          <Brand />
        </div>
        <form method="post" onSubmit={onSubmit} className="space-y-4 rounded-lg border border-line bg-surface p-6 shadow-pop">
          <h1 className="text-lg font-semibold tracking-[-0.01em]">Set your password</h1>
          {problem && <Notice tone="danger" role="alert" title={problem} />}
          <Field label="New password" hint="Three or four words that have nothing to do with each other are good.">
            {(control) => (
              <Input
                {...control}
                name="password"
                type="password"
                autoComplete="new-password"
                required
                minLength={8}
                maxLength={128}
                autoFocus
              />
            )}
          </Field>
          <Button type="submit" variant="primary" disabled={!isAlive} isBusy={isBusy} className="w-full">
            Set it
          </Button>
        </form>
      </div>
    </main>
  );
}
