'use client';
import type { Organization } from '@signalbox/proto/api';
import { ActionLine } from '../../components/ui/action-line.tsx';
import { buttonClass } from '../../components/ui/button.tsx';
import { GraceDelete } from '../../components/ui/grace-delete.tsx';
import { Panel } from '../../components/ui/panel.tsx';
import { plural } from '../../lib/format.ts';
import { api } from '../../lib/trpc/client.ts';
import { useWrite } from '../../lib/use-write.ts';
import { useMay } from '../shell/session.tsx';

interface Props {
  organization: Organization;
  /** Those that go with it. */
  workspaces: number;
}

/** Taking what it has set up away, and deleting it. */
export function EndOrganization({ organization, workspaces }: Props) {
  const may = useMay();
  if (!may('organization:export') && !may('organization:delete')) return null;
  return (
    <Panel title="Export, delete">
      <div className="divide-y divide-line">
        {may('organization:export') && (
          <ActionLine
            title="Export"
            text="Members, roles, teams, service accounts, grants, single sign-on and the list of workspaces, as JSON lines. No secret is in it. Each workspace has an export of its own."
          >
            <OrganizationExportLink organization={organization} />
          </ActionLine>
        )}
        {may('organization:delete') && <Delete organization={organization} workspaces={workspaces} />}
      </div>
    </Panel>
  );
}

export function OrganizationExportLink({ organization }: { organization: Organization }) {
  return (
    <a className={buttonClass()} href={`/api/organizations/export?organization=${encodeURIComponent(organization.id)}`} download>
      Export
    </a>
  );
}

function Delete({ organization, workspaces }: Props) {
  const { name, slug } = organization;
  const remove = useWrite((graceDays: number) => api.organizations.delete.mutate({ slug, graceDays }), { stale: [] });
  const what = workspaces === 0 ? 'It' : `It and its ${plural(workspaces, 'workspace')}`;
  return (
    <GraceDelete
      noun="organization"
      name={name}
      slug={slug}
      text="With its workspaces, whose pools pause at once. Until the grace period is over owners can restore it; then all of it is gone."
      isBusy={remove.isPending}
      onConfirm={(days, close) => remove.mutate(days, { onSettled: close, onSuccess: () => window.location.reload() })}
    >
      {(days) =>
        `${what} will be closed to everybody but its owners now, and no run starts. In ${plural(days, 'day')} people, teams, roles, service accounts, runs and agents are gone for good; until then an owner can restore it.`
      }
    </GraceDelete>
  );
}
