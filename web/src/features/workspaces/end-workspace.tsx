'use client';
import type { Workspace } from '@signalbox/proto/api';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { buttonClass } from '../../components/ui/button.tsx';
import { ConfirmButton } from '../../components/ui/confirm-button.tsx';
import { Field, Select } from '../../components/ui/field.tsx';
import { Panel } from '../../components/ui/panel.tsx';
import { paths } from '../../lib/paths.ts';
import { api } from '../../lib/trpc/client.ts';
import { useWrite } from '../../lib/use-write.ts';
import { organizationQueries } from '../organizations/queries.ts';
import { useMay } from '../shell/session.tsx';

const GRACES = [1, 3, 7, 14, 30];

/** Taking all of it away, moving it to another organization, and deleting it. */
export function EndWorkspace({ workspace }: { workspace: Workspace }) {
  const may = useMay();
  if (!may('workspace:export') && !may('workspace:delete')) return null;
  return (
    <Panel title="Export, transfer, delete">
      <div className="divide-y divide-line">
        {may('workspace:export') && (
          <Line
            title="Export"
            text="All that it has, as JSON lines: set-up first, then runs with their logs and artifacts. No secret is in it."
          >
            <ExportLink workspace={workspace} />
          </Line>
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

function Line({ title, text, children }: { title: string; text: string; children: ReactNode }) {
  return (
    <div className="flex flex-wrap items-end gap-x-4 gap-y-3 p-4">
      <div className="min-w-60 flex-1">
        <h3 className="text-sm font-medium">{title}</h3>
        <p className="text-sm text-ink-2">{text}</p>
      </div>
      {children}
    </div>
  );
}

function Transfer({ workspace }: { workspace: Workspace }) {
  const organizations = useQuery(organizationQueries(api).list());
  const choices = (organizations.data ?? []).filter(
    ({ id, scopes }) => id !== workspace.organization.id && scopes.includes('organization:workspaces'),
  );
  const [chosen, setChosen] = useState('');
  const to = choices.find(({ id }) => id === chosen) ?? choices[0];
  const transfer = useWrite(async () => to && api.workspaces.transfer.mutate({ workspace: workspace.id, organization: to.id }), {
    stale: [],
  });
  if (!to)
    return (
      <Line title="Transfer" text="To another organization of which you are admin or owner. You are of none besides this one.">
        {null}
      </Line>
    );
  return (
    <Line title="Transfer" text="To another organization, with its history and audit.">
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
    </Line>
  );
}

function Delete({ workspace }: { workspace: Workspace }) {
  const [days, setDays] = useState(7);
  const remove = useWrite(() => api.workspaces.delete.mutate({ slug: workspace.slug, graceDays: days }), { stale: [] });
  return (
    <Line title="Delete" text="Its pools pause at once. Until the grace period is over it can be restored; then all of it is gone.">
      <div className="w-40">
        <Field label="Grace period" isLabelHidden>
          {(control) => (
            <Select {...control} value={days} onChange={(event) => setDays(Number(event.target.value))}>
              {GRACES.map((each) => (
                <option key={each} value={each}>
                  {each === 1 ? 'in 1 day' : `in ${each} days`}
                </option>
              ))}
            </Select>
          )}
        </Field>
      </div>
      <ConfirmButton
        variant="danger"
        size="md"
        label="Delete"
        ariaLabel="Delete the workspace"
        question={`Delete ${workspace.name}?`}
        confirmLabel="Delete the workspace"
        typeToConfirm={workspace.slug}
        isBusy={remove.isPending}
        onConfirm={(close) => remove.mutate(undefined, { onSettled: close, onSuccess: () => window.location.reload() })}
      >
        No run starts from now on. In {days === 1 ? '1 day' : `${days} days`} its deployments, runs, logs, agents and keys are gone for
        good; until then an owner can restore it.
      </ConfirmButton>
    </Line>
  );
}
