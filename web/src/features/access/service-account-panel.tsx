'use client';
import type { ServiceAccount } from '@signalbox/proto/api';
import { useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { Button } from '../../components/ui/button.tsx';
import { ConfirmButton } from '../../components/ui/confirm-button.tsx';
import { Field, Input } from '../../components/ui/field.tsx';
import { DialogForm, FormDialog } from '../../components/ui/form-dialog.tsx';
import { NameFields, nameAndSlug } from '../../components/ui/name-fields.tsx';
import { RelativeTime } from '../../components/ui/relative-time.tsx';
import { Tag } from '../../components/ui/tag.tsx';
import { plural } from '../../lib/format.ts';
import { api } from '../../lib/trpc/client.ts';
import { ApiKeyList } from '../api-keys/api-key-list.tsx';
import { CreateApiKeyButton } from '../api-keys/create-api-key-dialog.tsx';
import { apiKeyQueries } from '../api-keys/queries.ts';
import { useMay } from '../shell/session.tsx';
import { AccessList } from './access-list.tsx';
import { accessQueries } from './queries.ts';
import { useAccessForm, useAccessWrite } from './use-access-write.ts';

export function ServiceAccountPanel() {
  const may = useMay();
  const mayChange = may('organization:service-accounts');
  const maySeeKeys = may('api-keys:read');
  const keys = useQuery({ ...apiKeyQueries(api).list(), enabled: maySeeKeys });
  const livingKeys = (account: ServiceAccount) => (keys.data ?? []).filter((key) => key.owner?.id === account.id && !key.revokedAt).length;
  return (
    <AccessList
      title="Service accounts"
      about="A program that is somebody: what it may comes by grants, how it asks by API keys, which outlive the person who made them."
      actions={mayChange && <NewServiceAccountButton />}
      query={useQuery(accessQueries(api).serviceAccounts())}
      keyOf={(account) => account.id}
      textOf={(account) => `${account.name} ${account.slug} ${account.description}`}
      row={(account) => ({
        name: (
          <>
            {account.name} <code className="ml-1 text-xs font-normal text-ink-3">{account.slug}</code>{' '}
            {account.disabledAt && <Tag>disabled</Tag>}
          </>
        ),
        about: (
          <>
            {account.description && `${account.description} · `}
            made <RelativeTime at={account.createdAt} />
            {maySeeKeys && keys.data && ` · ${plural(livingKeys(account), 'key')} in this workspace`}
          </>
        ),
        aside: (
          <>
            {maySeeKeys && <KeysButton account={account} />}
            {mayChange && <ServiceAccountActions account={account} />}
          </>
        ),
      })}
      empty={{ title: 'No service account yet', text: 'Make one for each pipeline or program, grant it a role, then give it a key.' }}
    />
  );
}

function KeysButton({ account }: { account: ServiceAccount }) {
  const mayMake = useMay()('api-keys:write');
  return (
    <FormDialog
      size="lg"
      title={`API keys of ${account.name}`}
      description="In this workspace. What it may at all is under Grants."
      trigger={(open) => (
        <Button size="sm" variant="quiet" aria-label={`API keys of ${account.name}`} onClick={open}>
          Keys
        </Button>
      )}
    >
      {() => (
        <div className="min-h-0 overflow-y-auto">
          {mayMake && (
            <div className="flex justify-end border-b border-line px-4 py-2">
              <CreateApiKeyButton serviceAccount={account} />
            </div>
          )}
          <ApiKeyList owner={account.id} />
        </div>
      )}
    </FormDialog>
  );
}

function ServiceAccountActions({ account }: { account: ServiceAccount }) {
  const update = useAccessWrite(
    (disabled: boolean) => api.serviceAccounts.update.mutate({ serviceAccount: account.id, disabled }),
    (changed) => `${changed.name} ${changed.disabledAt ? 'is disabled: its keys are refused' : 'works again'}`,
  );
  const remove = useAccessWrite(() => api.serviceAccounts.delete.mutate({ serviceAccount: account.id }), `${account.name} is deleted`);
  return (
    <>
      <EditServiceAccount account={account} />
      {account.disabledAt ? (
        <Button
          size="sm"
          variant="quiet"
          aria-label={`Enable ${account.name}`}
          isBusy={update.isPending}
          onClick={() => update.mutate(false)}
        >
          Enable
        </Button>
      ) : (
        <ConfirmButton
          label="Disable"
          ariaLabel={`Disable ${account.name}`}
          question={`Disable ${account.name}?`}
          confirmLabel="Disable it"
          isBusy={update.isPending}
          onConfirm={(close) => update.mutate(true, { onSettled: close })}
        >
          Its keys are refused from the next request on, in every workspace. Enabled again, they work again.
        </ConfirmButton>
      )}
      <ConfirmButton
        label="Delete"
        ariaLabel={`Delete ${account.name}`}
        question={`Delete ${account.name}?`}
        confirmLabel="Delete the service account"
        typeToConfirm={account.slug}
        isBusy={remove.isPending}
        onConfirm={(close) => remove.mutate(undefined, { onSettled: close })}
      >
        With its keys in every workspace, its grants and its places in teams. Whatever uses them is refused from then on.
      </ConfirmButton>
    </>
  );
}

function EditServiceAccount({ account }: { account: ServiceAccount }) {
  const save = useAccessForm(
    (form: FormData) =>
      api.serviceAccounts.update.mutate({
        serviceAccount: account.id,
        name: String(form.get('name')).trim(),
        description: String(form.get('description')).trim(),
      }),
    'Saved',
  );
  return (
    <FormDialog
      title={`Change ${account.name}`}
      trigger={(open) => (
        <Button size="sm" variant="quiet" aria-label={`Change ${account.name}`} onClick={open}>
          Change
        </Button>
      )}
    >
      {(close) => (
        <DialogForm
          submitLabel="Save"
          isBusy={save.isPending}
          error={save.error}
          onClose={close}
          onSubmit={(form) => save.mutate(form, { onSuccess: close })}
        >
          <Field label="Name" isRequired>
            {(control) => <Input {...control} name="name" required maxLength={200} defaultValue={account.name} autoComplete="off" />}
          </Field>
          <Field label="Description">
            {(control) => <Input {...control} name="description" maxLength={500} defaultValue={account.description} autoComplete="off" />}
          </Field>
        </DialogForm>
      )}
    </FormDialog>
  );
}

function NewServiceAccountButton() {
  const create = useAccessForm(
    (form: FormData) => api.serviceAccounts.create.mutate({ ...nameAndSlug(form), description: String(form.get('description')).trim() }),
    (account) => `${account.name} is made. Now grant it a role.`,
  );
  return (
    <FormDialog
      title="New service account"
      trigger={(open) => (
        <Button size="sm" onClick={open}>
          <Plus aria-hidden className="size-3.5" />
          New service account
        </Button>
      )}
    >
      {(close) => (
        <DialogForm
          submitLabel="Make it"
          isBusy={create.isPending}
          error={create.error}
          onClose={close}
          onSubmit={(form) => create.mutate(form, { onSuccess: close })}
        >
          <NameFields slugHint="Used by the command line." />
          <Field label="Description" hint="What it does, and whom to ask about it.">
            {(control) => <Input {...control} name="description" maxLength={500} autoComplete="off" />}
          </Field>
        </DialogForm>
      )}
    </FormDialog>
  );
}
