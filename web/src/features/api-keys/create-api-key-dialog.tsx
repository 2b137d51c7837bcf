'use client';
import { BUILT_IN_ROLES, type ServiceAccount } from '@signalbox/proto/api';
import { useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { Button } from '../../components/ui/button.tsx';
import { Field, Input, Select } from '../../components/ui/field.tsx';
import { DialogForm, FormDialog } from '../../components/ui/form-dialog.tsx';
import { SecretShown } from '../../components/ui/secret-shown.tsx';
import { api } from '../../lib/trpc/client.ts';
import { useWrite } from '../../lib/use-write.ts';
import { accessQueries } from '../access/queries.ts';
import { ScopePicker } from '../access/scope-picker.tsx';
import { useSession } from '../shell/session.tsx';
import { LIFETIMES } from './lifetimes.ts';

/** A key of one's own, or of a service account. */
export function CreateApiKeyButton({ serviceAccount }: { serviceAccount?: ServiceAccount }) {
  return (
    <FormDialog
      title={serviceAccount ? `New API key of ${serviceAccount.name}` : 'New API key'}
      description="For programs: pipelines, scripts, the command line. It may what it says here and its owner may, whichever is less."
      trigger={(open) => (
        <Button size="sm" onClick={open}>
          <Plus aria-hidden className="size-3.5" />
          New key
        </Button>
      )}
    >
      {(close) => <CreateApiKey serviceAccount={serviceAccount} onClose={close} />}
    </FormDialog>
  );
}

function CreateApiKey({ serviceAccount, onClose }: { serviceAccount: ServiceAccount | undefined; onClose: () => void }) {
  const { me } = useSession();
  const table = useQuery(accessQueries(api).scopes());
  const scopes = (table.data ?? []).filter(({ least }) => least === null);
  const organizationScopes = (table.data ?? []).filter(({ least, scope }) => least !== null && me.organization?.scopes.includes(scope));
  // What one may hand out: roles of which one has every scope.
  const roles = BUILT_IN_ROLES.filter((role) => scopes.every((each) => !each.roles.includes(role) || me.scopes.includes(each.scope)));
  const [role, setRole] = useState<string | null>(null);
  const shownRole = role ?? (roles.includes('developer') ? 'developer' : (roles.at(-1) ?? 'viewer'));
  const [isNarrowed, setNarrowed] = useState(false);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const ofRole = scopes.filter((each) => (each.roles as readonly string[]).includes(shownRole));
  const create = useWrite(
    (form: FormData) =>
      api.apiKeys.create.mutate({
        name: String(form.get('name')).trim(),
        role: BUILT_IN_ROLES.find((each) => each === shownRole),
        organizationScopes: [...chosen].filter((scope) => organizationScopes.some((each) => each.scope === scope)),
        scopes: isNarrowed ? ofRole.map((each) => each.scope).filter((scope) => chosen.has(scope)) : [],
        serviceAccount: serviceAccount?.id,
        expiresInDays: Number(form.get('days')),
      }),
    { stale: [['api-keys']], isErrorToasted: false },
  );
  if (create.data)
    return (
      <SecretShown
        title="Copy it now"
        about="This is the only time the key is shown. We keep a hash of it, so nobody can show it again."
        label="The new API key"
        secret={create.data.secret}
        onDone={onClose}
      >
        Use it as <code className="text-xs">SIGNALBOX_API_KEY</code>, or as a bearer token.
      </SecretShown>
    );
  const isNothingChosen = isNarrowed && !ofRole.some(({ scope }) => chosen.has(scope));
  return (
    <DialogForm
      submitLabel="Create the key"
      isBusy={create.isPending}
      disabled={table.isPending || isNothingChosen}
      error={create.error ?? table.error}
      onClose={onClose}
      onSubmit={(form) => create.mutate(form)}
    >
      <Field label="Name" hint="What will use it, so that you know later whether it may go." isRequired>
        {(control) => <Input {...control} name="name" required maxLength={200} autoComplete="off" />}
      </Field>
      <Field label="Role" hint="In this workspace alone. Roles that may more than you are not offered.">
        {(control) => (
          <Select {...control} value={shownRole} onChange={(event) => setRole(event.target.value)}>
            {roles.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </Select>
        )}
      </Field>
      <Field label="Scopes" hint={isNothingChosen ? 'Choose at least one.' : undefined}>
        {(control) => (
          <Select {...control} value={isNarrowed ? 'some' : 'all'} onChange={(event) => setNarrowed(event.target.value === 'some')}>
            <option value="all">All that the role has</option>
            <option value="some">Some of them alone</option>
          </Select>
        )}
      </Field>
      {isNarrowed && <ScopePicker scopes={ofRole} chosen={chosen} fixed={new Set()} onChange={setChosen} />}
      {organizationScopes.length > 0 && (
        <details>
          <summary className="text-sm font-medium">In the organization besides</summary>
          <p className="my-1 text-xs text-ink-3">Without any, it acts in this workspace alone.</p>
          <ScopePicker scopes={organizationScopes} chosen={chosen} fixed={new Set()} onChange={setChosen} />
        </details>
      )}
      <Field label="Expires after">
        {(control) => (
          <Select {...control} name="days" defaultValue="90">
            {LIFETIMES.map((days) => (
              <option key={days} value={days}>
                {days} days
              </option>
            ))}
          </Select>
        )}
      </Field>
    </DialogForm>
  );
}
