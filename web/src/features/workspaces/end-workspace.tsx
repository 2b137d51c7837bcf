'use client';
import type { Workspace } from '@signalbox/proto/api';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { ActionLine } from '../../components/ui/action-line.tsx';
import { buttonClass } from '../../components/ui/button.tsx';
import { ConfirmButton } from '../../components/ui/confirm-button.tsx';
import { Field, Select } from '../../components/ui/field.tsx';
import { GraceDelete } from '../../components/ui/grace-delete.tsx';
import { Panel } from '../../components/ui/panel.tsx';
import { plural } from '../../lib/format.ts';
import { paths } from '../../lib/paths.ts';
import { api } from '../../lib/trpc/client.ts';
import { useWrite } from '../../lib/use-write.ts';
import { organizationQueries } from '../organizations/queries.ts';
import { useMay } from '../shell/session.tsx';

/** Taking all of it away, moving it to another organization, and deleting it. */
export function EndWorkspace({ workspace }: { workspace: Workspace }) {
  const may = useMay();
  if (!may('workspace:export') && !may('workspace:delete')) return null;
  return (
    <Panel title="Export, transfer, delete">
      <div className="divide-y divide-line">
        {may('workspace:export') && (
          <ActionLine
            title="Export"
            text="All that it has, as JSON lines: set-up first, then runs with their logs and artifacts. No secret is in it."
          >
            <ExportLink workspace={workspace} />
          </ActionLine>
        )}
        {may('workspace:delete') && may('organization:workspaces') && <Transfer workspace={workspace} />}
        {may('workspace:delete') && <Delete workspace={workspace} />}
      </div>
    </Panel>
  );
}

export function ExportLink({ workspace }: { workspace: Workspace }) {
  return (
    <a className={buttonClass()} href={`/api/workspaces/export?workspace=${encodeURIComponent(workspace.id)}`} download>
      Export
    </a>
  );
}

function Transfer({ workspace }: { workspace: Workspace }) {
  const organizations = useQuery(organizationQueries(api).list());
  const choices = (organizations.data ?? []).filter(
    ({ id, scopes, purgeAt }) => id !== workspace.organization.id && !purgeAt && scopes.includes('organization:workspaces'),
  );
  const [chosen, setChosen] = useState('');
  const to = choices.find(({ id }) => id === chosen) ?? choices[0];
  const transfer = useWrite(async () => to && api.workspaces.transfer.mutate({ workspace: workspace.id, organization: to.id }), {
    stale: [],
  });
  if (!to)
    return (
      <ActionLine
        title="Transfer"
        text="To another organization of which you are admin or owner. You are of none besides this one."
      ></ActionLine>
    );
  return (
    <ActionLine title="Transfer" text="To another organization, with its history and audit.">
      <div className="w-48">
        <Field label="To the organization" isLabelHidden>
          {(control) => (
            <Select {...control} value={to.id} onChange={(event) => setChosen(event.target.value)}>
              {choices.map(({ id, name }) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
            </Select>
          )}
        </Field>
      </div>
      <ConfirmButton
        variant="secondary"
        size="md"
        label="Transfer"
        question={`Transfer ${workspace.name} to ${to.name}?`}
        confirmLabel="Transfer it"
        typeToConfirm={workspace.slug}
        isBusy={transfer.isPending}
        onConfirm={(close) => transfer.mutate(undefined, { onSettled: close, onSuccess: () => window.location.assign(paths.home) })}
      >
        People who are not in {to.name}, and teams and service accounts of {workspace.organization.name}, lose their access; keys of the
        latter are revoked. Its agents and runs go on.
      </ConfirmButton>
    </ActionLine>
  );
}

function Delete({ workspace: { name, slug } }: { workspace: Workspace }) {
  const remove = useWrite((graceDays: number) => api.workspaces.delete.mutate({ slug, graceDays }), { stale: [] });
  return (
    <GraceDelete
      noun="workspace"
      name={name}
      slug={slug}
      text="Its pools pause at once. Until the grace period is over it can be restored; then all of it is gone."
      isBusy={remove.isPending}
      onConfirm={(days, close) => remove.mutate(days, { onSettled: close, onSuccess: () => window.location.reload() })}
    >
      {(days) =>
        `No run starts from now on. In ${plural(days, 'day')} its deployments, runs, logs, agents and keys are gone for good; until then an owner can restore it.`
      }
    </GraceDelete>
  );
}
