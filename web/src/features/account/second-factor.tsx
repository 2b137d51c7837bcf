'use client';
import { type FormEvent, useState } from 'react';
import { Button } from '../../components/ui/button.tsx';
import { CodeBlock } from '../../components/ui/code-block.tsx';
import { Field, Input } from '../../components/ui/field.tsx';
import { Notice } from '../../components/ui/notice.tsx';
import { askAuth } from './ask-auth.ts';
import type { OwnSecurity } from './queries.ts';
import { useChange } from './use-change.ts';

interface Begun {
  readonly totpURI: string;
  readonly backupCodes: readonly string[];
}

/** Off -> begun (secret and recovery codes are shown, once) -> on, when the first code was right. */
export function SecondFactor({ hasSecondFactor, hasPassword }: OwnSecurity) {
  const [begun, setBegun] = useState<Begun | null>(null);
  const begin = useChange(async (password: string) => {
    setBegun(await askAuth<Begun>('auth/two-factor/enable', hasPassword ? { password } : {}));
  }, 'Now scan the key and enter a code');
  const confirm = useChange(async (code: string) => {
    await askAuth('auth/two-factor/verify-totp', { code });
    setBegun(null);
  }, 'The second factor is on');
  const disable = useChange(
    (password: string) => askAuth('auth/two-factor/disable', hasPassword ? { password } : {}),
    'The second factor is off',
  );
  const onSubmit = (run: (text: string) => void) => (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    run(String(new FormData(event.currentTarget).get('text') ?? ''));
  };
  if (begun && !hasSecondFactor)
    return (
      <form onSubmit={onSubmit(confirm.mutate)} className="space-y-4 p-4">
        <Field label="Key" hint="Enter it in your authenticator app, or open the link on your phone.">
          {() => <CodeBlock label="Key of the second factor" text={new URL(begun.totpURI).searchParams.get('secret') ?? ''} />}
        </Field>
        <a className="text-sm text-accent underline" href={begun.totpURI}>
          Open in an authenticator app
        </a>
        <Notice tone="warn" title="Keep these recovery codes">
          Each works once, when the app is lost. They are not shown again.
          <CodeBlock label="Recovery codes" text={begun.backupCodes.join('\n')} />
        </Notice>
        <Field label="Code from the app" isRequired>
          {(control) => <Input {...control} name="text" required inputMode="numeric" autoComplete="one-time-code" pattern="[0-9]{6}" />}
        </Field>
        <Button type="submit" variant="primary" isBusy={confirm.isPending}>
          Switch it on
        </Button>
      </form>
    );
  const change = hasSecondFactor ? disable : begin;
  return (
    <form onSubmit={onSubmit(change.mutate)} className="space-y-4 p-4">
      <p className="text-sm text-ink-2">
        {hasSecondFactor
          ? 'On: signing in with the password asks for a code of your app, or a recovery code.'
          : 'Off. With it, a stolen password alone opens nothing.'}
      </p>
      {hasPassword && (
        <Field label="Your password" isRequired>
          {(control) => <Input {...control} name="text" type="password" required autoComplete="current-password" />}
        </Field>
      )}
      <Button type="submit" isBusy={change.isPending}>
        {hasSecondFactor ? 'Switch it off' : 'Set it up'}
      </Button>
    </form>
  );
}
