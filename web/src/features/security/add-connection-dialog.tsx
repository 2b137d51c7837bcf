'use client';
import { type FormEvent, useState } from 'react';
import { Button } from '../../components/ui/button.tsx';
import { CodeBlock } from '../../components/ui/code-block.tsx';
import { Dialog, DialogBody, DialogFooter } from '../../components/ui/dialog.tsx';
import { Field, Input, Select, Textarea } from '../../components/ui/field.tsx';
import { Notice } from '../../components/ui/notice.tsx';
import { api } from '../../lib/trpc/client.ts';
import { readError } from '../../lib/trpc/errors.ts';
import { useSession } from '../shell/session.tsx';
import { useSecure } from './use-secure.ts';

type Kind = 'oidc' | 'saml';
/** Fields of each kind, in the order of a provider's own page. */
const FIELDS: Record<Kind, readonly { name: string; label: string; hint?: string; type?: string; isLong?: true }[]> = {
  oidc: [
    { name: 'issuer', label: 'Issuer', hint: 'https://login.example.com', type: 'url' },
    { name: 'clientId', label: 'Client ID' },
    { name: 'clientSecret', label: 'Client secret', hint: 'Kept sealed, never shown again.', type: 'password' },
  ],
  saml: [
    { name: 'entryPoint', label: 'Sign-on URL', hint: 'For HTTP-Redirect.', type: 'url' },
    { name: 'idpIssuer', label: 'Entity ID of the provider' },
    { name: 'certificate', label: 'Signing certificate', hint: 'PEM, from BEGIN to END.', isLong: true },
  ],
};

export function AddConnectionButton() {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button size="sm" onClick={() => setOpen(true)}>
        Connect a provider
      </Button>
      <Dialog isOpen={isOpen} onOpenChange={setOpen} title="Connect a provider" description="For people of your verified domains.">
        <AddConnection onClose={() => setOpen(false)} />
      </Dialog>
    </>
  );
}

function AddConnection({ onClose }: { onClose: () => void }) {
  const { me } = useSession();
  const [kind, setKind] = useState<Kind>('oidc');
  const create = useSecure(
    (form: Record<string, string>) => api.sso.create.mutate({ ...form, kind } as never),
    'The provider is connected',
  );
  const onSubmit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = Object.fromEntries([...new FormData(event.currentTarget)].map(([name, value]) => [name, String(value)]));
    create.mutate(form, { onSuccess: onClose });
  };
  return (
    <form onSubmit={onSubmit} className="flex min-h-0 flex-col">
      <DialogBody className="space-y-4">
        {create.error && <Notice tone="danger" role="alert" title={readError(create.error).message} />}
        <Field label="Kind">
          {(control) => (
            <Select {...control} value={kind} onChange={(event) => setKind(event.target.value === 'saml' ? 'saml' : 'oidc')}>
              <option value="oidc">OpenID Connect</option>
              <option value="saml">SAML 2.0</option>
            </Select>
          )}
        </Field>
        <Field label="Name" hint="People see it when they sign in." isRequired>
          {(control) => <Input {...control} name="name" required maxLength={80} autoComplete="off" />}
        </Field>
        {kind === 'oidc' && me.organization && (
          <div>
            <p className="text-sm">Give the provider this callback address:</p>
            <CodeBlock label="Callback address" text={`${window.location.origin}/api/sso/callback/${me.organization.id}`} />
          </div>
        )}
        {FIELDS[kind].map(({ name, label, hint, type, isLong }) => (
          <Field key={name} label={label} hint={hint} isRequired>
            {(control) =>
              isLong ? (
                <Textarea {...control} name={name} required />
              ) : (
                <Input {...control} name={name} type={type ?? 'text'} required autoComplete="off" />
              )
            }
          </Field>
        ))}
      </DialogBody>
      <DialogFooter>
        <Button onClick={onClose}>Close</Button>
        <Button type="submit" variant="primary" isBusy={create.isPending}>
          Connect
        </Button>
      </DialogFooter>
    </form>
  );
}
