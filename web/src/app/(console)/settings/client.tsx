'use client';
import { useQuery } from '@tanstack/react-query';
import { PageBody, PageHeader } from '../../../components/layout/page-header.tsx';
import { Fact, Facts, Panel } from '../../../components/ui/panel.tsx';
import { ApiKeyList } from '../../../features/api-keys/api-key-list.tsx';
import { CreateApiKeyButton } from '../../../features/api-keys/create-api-key-dialog.tsx';
import { RetentionPanel } from '../../../features/retention/retention-panel.tsx';
import { actorName, useSession } from '../../../features/shell/session.tsx';
import { CreateWorkspaceButton } from '../../../features/workspaces/create-workspace-dialog.tsx';
import { workspaceQueries } from '../../../features/workspaces/queries.ts';
import { api } from '../../../lib/trpc/client.ts';

export function SettingsPage() {
  const { me } = useSession();
  const workspaces = useQuery(workspaceQueries(api).list());
  return (
    <>
      <PageHeader
        title="Settings"
        description={me.workspace ? `Workspace ${me.workspace.name} of ${me.workspace.organization.name}` : undefined}
      />
      <PageBody>
        <Panel title="API keys" actions={<CreateApiKeyButton />}>
          <ApiKeyList />
        </Panel>
        <RetentionPanel mayChange={me.scopes.includes('workspace:write')} />
        <div className="grid gap-4 lg:grid-cols-2">
          <Panel title="Workspaces" actions={<CreateWorkspaceButton />}>
            <ul className="divide-y divide-line">
              {(workspaces.data ?? []).map((workspace) => (
                <li key={workspace.id} className="flex h-11 items-center gap-3 px-4 text-sm">
                  <span className="min-w-0 flex-1 truncate font-medium">
                    {workspace.name} <code className="ml-1 text-xs font-normal text-ink-3">{workspace.slug}</code>
                  </span>
                  <span className="text-ink-2">{workspace.role}</span>
                </li>
              ))}
            </ul>
          </Panel>
          <Panel title="You">
            <Facts className="grid-cols-2 p-4">
              <Fact name="Name">{actorName(me)}</Fact>
              <Fact name="Email">{me.actor.kind === 'user' ? me.actor.email : '–'}</Fact>
              <Fact name="Role here">{me.workspace?.role ?? 'none'}</Fact>
              <Fact name="Workspace id">
                <code className="text-xs">{me.workspace?.id ?? '–'}</code>
              </Fact>
            </Facts>
          </Panel>
        </div>
      </PageBody>
    </>
  );
}
