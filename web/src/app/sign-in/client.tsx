'use client';
import { Eye, EyeOff } from 'lucide-react';
import Link from 'next/link';
import { type FormEvent, useState } from 'react';
import { Brand } from '../../components/layout/brand.tsx';
import { Button } from '../../components/ui/button.tsx';
import { Field, Input } from '../../components/ui/field.tsx';
import { Notice } from '../../components/ui/notice.tsx';
import { enterCode, findSingleSignOn, SSO_PROBLEMS, signIn, signInWithPasskey } from '../../features/shell/sign-in.ts';
import { useIsAlive } from '../../lib/use-is-alive.ts';

export function SignInForm({ to, refused }: { to: string; refused: string | null }) {
  // Until then the browser would send the form itself.
  const isAlive = useIsAlive();
  const [isBusy, setBusy] = useState(false);
  const [isShown, setShown] = useState(false);
  const [step, setStep] = useState<'password' | 'code'>('password');
  const [problem, setProblem] = useState<string | null>(refused ? (SSO_PROBLEMS[refused] ?? null) : null);
  // The organization of this email lets nobody in by password, save its owners.
  const [isLed, setLed] = useState(false);
  const attempt = async (work: () => ReturnType<typeof signIn>) => {
    setBusy(true);
    setProblem(null);
    const result = await work();
    if (result.ok) return window.location.assign(to);
    setBusy(false);
    if ('needsCode' in result) return setStep('code');
    setProblem(result.problem);
    setLed('needsSingleSignOn' in result && result.needsSingleSignOn === true);
  };
  const singleSignOn = async (email: string) => {
    setProblem(null);
    if (!email.includes('@')) return setProblem('Write your email first: its domain leads to your identity provider.');
    try {
      const address = await findSingleSignOn(email, to);
      if (address) return window.location.assign(address);
      setProblem('The domain of this email has no single sign-on.');
    } catch (error) {
      setProblem((error as Error).message);
    }
  };
  const onSubmit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    await attempt(() =>
      step === 'code' ? enterCode(String(form.get('code'))) : signIn(String(form.get('email')), String(form.get('password'))),
    );
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
          {step === 'code' ? (
            <Field label="Code" hint="Six digits of your authenticator app, or a recovery code.">
              {(control) => <Input {...control} name="code" required autoFocus autoComplete="one-time-code" maxLength={20} />}
            </Field>
          ) : (
            <>
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
            </>
          )}
          <Button type="submit" variant="primary" disabled={!isAlive} isBusy={isBusy} className="w-full">
            Sign in
          </Button>
          {step === 'password' && (
            <>
              <div className="grid grid-cols-2 gap-2">
                <Button
                  variant={isLed ? 'primary' : 'secondary'}
                  onClick={(event) => void singleSignOn(String(new FormData(event.currentTarget.form ?? undefined).get('email')))}
                >
                  Single sign-on
                </Button>
                <Button onClick={() => void attempt(signInWithPasskey)}>Passkey</Button>
              </div>
              <p className="text-center text-sm">
                <Link href="/recover" className="text-ink-2 underline hover:text-ink">
                  Forgot your password?
                </Link>
              </p>
            </>
          )}
        </form>
        <p className="mt-4 text-center text-xs text-ink-3">
          Started with <code>npm start</code>? It printed the email and password in its terminal.
        </p>
      </div>
    </main>
  );
}
