'use client';
import type { Organization } from '@signalbox/proto/api';
import { useQuery } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import type { FormEvent } from 'react';
import { Button } from '../../components/ui/button.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { Field, Input } from '../../components/ui/field.tsx';
import { Notice } from '../../components/ui/notice.tsx';
import { Fact, Facts, Panel } from '../../components/ui/panel.tsx';
import { SkeletonRows } from '../../components/ui/skeleton.tsx';
import { plural } from '../../lib/format.ts';
import { api } from '../../lib/trpc/client.ts';
import { readError } from '../../lib/trpc/errors.ts';
import { useWrite } from '../../lib/use-write.ts';
import { useMay } from '../shell/session.tsx';
import { organizationQueries } from './queries.ts';

/** Name and slug; read-only for who may not change them. */
export function OrganizationForm({ organization }: { organization: Organization }) {
  const may = useMay();
  const router = useRouter();
  const save = useWrite(
    (form: FormData) => api.organizations.update.mutate({ name: String(form.get('name')).trim(), slug: String(form.get('slug')).trim() }),
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
        <Button type="submit" isBusy={save.isPending}>
          Save
        </Button>
      </form>
    </Panel>
  );
}

/** How long the audit of the organization and its workspaces is kept; for owners to change. */
export function AuditRetention() {
  const mayChange = useMay()('organization:security');
  const here = useQuery(organizationQueries(api).here());
  const save = useWrite((auditDays: number) => api.organizations.update.mutate({ auditDays }), {
    done: 'Saved',
    stale: [['organizations'], ['audit']],
    isErrorToasted: false,
  });
  const onSubmit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    save.mutate(Number(new FormData(event.currentTarget).get('auditDays')));
  };
  return (
    <Panel title="Audit">
      {here.isPending ? (
        <SkeletonRows count={1} />
      ) : here.isError ? (
        <ErrorState error={here.error} onRetry={() => void here.refetch()} />
      ) : !mayChange ? (
        <p className="p-4 text-sm text-ink-2">
          Entries are kept for {plural(here.data.auditDays, 'day')}. Owners of the organization change this.
        </p>
      ) : (
        <form onSubmit={onSubmit} className="space-y-4 p-4">
          {save.error && <Notice tone="danger" role="alert" title={readError(save.error).message} />}
          <Field
            label="Keep entries for so many days"
            hint="30 to 3,650. What is older goes within a day, and the chain still holds."
            isRequired
          >
            {(control) => (
              <Input
                {...control}
                key={here.data.auditDays}
                name="auditDays"
                type="number"
                required
                min={30}
                max={3650}
                step={1}
                defaultValue={here.data.auditDays}
                className="max-w-40"
              />
            )}
          </Field>
          <Button type="submit" isBusy={save.isPending}>
            Save
          </Button>
        </form>
      )}
    </Panel>
  );
}
