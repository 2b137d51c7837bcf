'use client';
import type { Organization } from '@signalbox/proto/api';
import { useRouter } from 'next/navigation';
import type { FormEvent } from 'react';
import { Button } from '../../components/ui/button.tsx';
import { Field, Input } from '../../components/ui/field.tsx';
import { Notice } from '../../components/ui/notice.tsx';
import { Fact, Facts, Panel } from '../../components/ui/panel.tsx';
import { api } from '../../lib/trpc/client.ts';
import { readError } from '../../lib/trpc/errors.ts';
import { useWrite } from '../../lib/use-write.ts';
import { useMay } from '../shell/session.tsx';

/** Name, slug and how long the audit is kept; read-only for who may not change them. */
export function OrganizationForm({ organization }: { organization: Organization }) {
  const may = useMay();
  const router = useRouter();
  const save = useWrite(
    (form: FormData) => {
      const days = String(form.get('auditDays') ?? '').trim();
      return api.organizations.update.mutate({
        name: String(form.get('name')).trim(),
        slug: String(form.get('slug')).trim(),
        ...(days ? { auditDays: Number(days) } : {}),
      });
    },
    { done: 'Saved', stale: [['organizations'], ['workspaces']], isErrorToasted: false },
  );
  const onSubmit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    save.mutate(new FormData(event.currentTarget), { onSuccess: () => router.refresh() });
  };
  if (!may('organization:write'))
    return (
      <Panel title="About it">
        <Facts className="grid-cols-2 p-4">
          <Fact name="Name">{organization.name}</Fact>
          <Fact name="Slug">
            <code className="text-xs">{organization.slug}</code>
          </Fact>
        </Facts>
        <p className="px-4 pb-4 text-xs text-ink-3">Admins and owners of the organization change this.</p>
      </Panel>
    );
  return (
    <Panel title="About it">
      <form onSubmit={onSubmit} className="space-y-4 p-4">
        {save.error && <Notice tone="danger" role="alert" title={readError(save.error).message} />}
        <Field label="Name" isRequired>
          {(control) => <Input {...control} name="name" required maxLength={200} defaultValue={organization.name} autoComplete="off" />}
        </Field>
        <Field label="Slug" hint="Scripts that name it as organization/workspace must be changed with it." isRequired>
          {(control) => (
            <Input
              {...control}
              name="slug"
              required
              maxLength={63}
              pattern="[a-z0-9]+(-[a-z0-9]+)*"
              title="Lower-case letters, digits and single hyphens"
              defaultValue={organization.slug}
              autoComplete="off"
            />
          )}
        </Field>
        {may('organization:security') && (
          <Field label="Keep the audit for so many days" hint="30 to 3,650. Empty: leave it as it is.">
            {(control) => <Input {...control} name="auditDays" type="number" min={30} max={3650} className="max-w-40" />}
          </Field>
        )}
        <Button type="submit" isBusy={save.isPending}>
          Save
        </Button>
      </form>
    </Panel>
  );
}
