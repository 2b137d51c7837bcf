'use client';
import { startRegistration } from '@simplewebauthn/browser';
import { Button } from '../../components/ui/button.tsx';
import { ConfirmButton } from '../../components/ui/confirm-button.tsx';
import { RelativeTime } from '../../components/ui/relative-time.tsx';
import { askAuth } from './ask-auth.ts';
import type { OwnSecurity } from './queries.ts';
import { useChange } from './use-change.ts';

type Options = Parameters<typeof startRegistration>[0]['optionsJSON'];

export function PasskeyList({ passkeys }: Pick<OwnSecurity, 'passkeys'>) {
  const remove = useChange((id: string) => askAuth('auth/passkey/delete-passkey', { id }), 'The passkey is removed');
  if (passkeys.length === 0)
    return (
      <p className="px-4 py-5 text-sm text-ink-3">
        No passkeys. With one you sign in by fingerprint, face or PIN, and no page can phish it.
      </p>
    );
  return (
    <ul className="divide-y divide-line">
      {passkeys.map((passkey) => (
        <li key={passkey.id} className="flex items-center gap-4 px-4 py-2.5 text-sm">
          <span className="min-w-0 flex-1 truncate font-medium">{passkey.name}</span>
          <span className="text-ink-2">
            added <RelativeTime at={passkey.createdAt} />
          </span>
          <ConfirmButton
            label="Remove"
            ariaLabel={`Remove ${passkey.name}`}
            question={`Remove ${passkey.name}?`}
            confirmLabel="Remove the passkey"
            isBusy={remove.isPending}
            onConfirm={(close) => remove.mutate(passkey.id, { onSettled: close })}
          >
            It signs in no more. Sessions that it began stay until they are ended.
          </ConfirmButton>
        </li>
      ))}
    </ul>
  );
}

export function AddPasskeyButton() {
  const add = useChange(async () => {
    const options = await askAuth<Options>('auth/passkey/generate-register-options');
    const response = await startRegistration({ optionsJSON: options });
    return askAuth('auth/passkey/verify-registration', { response, name: `Passkey of ${new Date().toLocaleDateString()}` });
  }, 'The passkey is added');
  return (
    <Button size="sm" isBusy={add.isPending} onClick={() => add.mutate(undefined)}>
      Add a passkey
    </Button>
  );
}
