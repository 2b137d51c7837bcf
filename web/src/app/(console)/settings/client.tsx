'use client';
import { PageBody, PageHeader } from '../../../components/layout/page-header.tsx';
import { Fact, Facts, Panel } from '../../../components/ui/panel.tsx';
import { ApiKeyList } from '../../../features/api-keys/api-key-list.tsx';
import { CreateApiKeyButton } from '../../../features/api-keys/create-api-key-dialog.tsx';
import { RetentionPanel } from '../../../features/retention/retention-panel.tsx';
import { actorName, useMay, useSession } from '../../../features/shell/session.tsx';
import { EndWorkspace } from '../../../features/workspaces/end-workspace.tsx';
import { WorkspaceForm } from '../../../features/workspaces/workspace-form.tsx';

export function SettingsPage() {
  const { me } = useSession();
  const may = useMay();
  return (
    <>
      <PageHeader
        title="Settings"
        description={me.workspace ? `Workspace ${me.workspace.name} of ${me.workspace.organization.name}` : undefined}
      />
      <PageBody>
        <Panel title="API keys" actions={may('api-keys:own') ? <CreateApiKeyButton /> : null}>
          <ApiKeyList />
        </Panel>
        <RetentionPanel mayChange={may('workspace:write')} />
        <div className="grid items-start gap-4 lg:grid-cols-2">
          {me.workspace && may('workspace:write') && <WorkspaceForm workspace={me.workspace} />}
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
        {me.workspace && <EndWorkspace workspace={me.workspace} />}
      </PageBody>
    </>
  );
}
