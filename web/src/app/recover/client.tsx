'use client';
import Link from 'next/link';
import { type FormEvent, useState } from 'react';
import { Brand } from '../../components/layout/brand.tsx';
import { Button } from '../../components/ui/button.tsx';
import { Field, Input } from '../../components/ui/field.tsx';
import { Notice } from '../../components/ui/notice.tsx';
import { askAuth } from '../../features/account/ask-auth.ts';
import { paths } from '../../lib/paths.ts';

/** Asks for a link. The answer is the same whether or not there is such an account. */
export function RecoverForm() {
  const [state, setState] = useState<{ isBusy: boolean; isSent: boolean; problem: string | null }>({
    isBusy: false,
    isSent: false,
    problem: null,
  });
  const onSubmit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const email = String(new FormData(event.currentTarget).get('email'));
    setState({ isBusy: true, isSent: false, problem: null });
    try {
      await askAuth('auth/recover', { email });
      setState({ isBusy: false, isSent: true, problem: null });
    } catch (error) {
      setState({ isBusy: false, isSent: false, problem: (error as Error).message });
    }
  };
  return (
    <main className="grid min-h-dvh place-items-center bg-sunken px-4 py-10">
      <div className="w-full max-w-[22rem]">
        <div className="mb-6 flex justify-center">
          <Brand />
        </div>
        <form method="post" onSubmit={onSubmit} className="space-y-4 rounded-lg border border-line bg-surface p-6 shadow-pop">
          <h1 className="text-lg font-semibold tracking-[-0.01em]">New password</h1>
          {state.problem && <Notice tone="danger" role="alert" title={state.problem} />}
          {state.isSent ? (
            <Notice tone="info" role="status" title="Look into your mailbox">
              If there is an account with this email, a link is on its way. It is good for 30 minutes.
            </Notice>
          ) : (
            <>
              <Field label="Email">
                {(control) => <Input {...control} name="email" type="email" autoComplete="username" required autoFocus />}
              </Field>
              <Button type="submit" variant="primary" isBusy={state.isBusy} className="w-full">
                Send me a link
              </Button>
            </>
          )}
          <p className="text-center text-sm">
            <Link href={paths.signIn()} className="text-ink-2 underline hover:text-ink">
              Back to sign-in
            </Link>
          </p>
        </form>
      </div>
    </main>
  );
}
