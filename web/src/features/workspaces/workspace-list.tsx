'use client';
import type { Workspace } from '@signalbox/proto/api';
import type { UseQueryResult } from '@tanstack/react-query';
import { Button } from '../../components/ui/button.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { Panel } from '../../components/ui/panel.tsx';
import { RelativeTime } from '../../components/ui/relative-time.tsx';
import { SkeletonRows } from '../../components/ui/skeleton.tsx';
import { Tag } from '../../components/ui/tag.tsx';
import { useMay, useSession } from '../shell/session.tsx';
import { CreateWorkspaceButton } from './create-workspace-dialog.tsx';
import { openWorkspace } from './open-workspace.ts';

interface Props {
  workspaces: UseQueryResult<Workspace[]>;
  organizationId: string | undefined;
}

/** The workspaces of the organization that one is in. */
export function WorkspaceList({ workspaces, organizationId }: Props) {
  const { me } = useSession();
  const mayCreate = useMay()('organization:workspaces') && !me.organization?.purgeAt;
  const shown = (workspaces.data ?? []).filter(({ organization }) => !organizationId || organization.id === organizationId);
  return (
    <Panel title="Workspaces" actions={mayCreate && <CreateWorkspaceButton />}>
      {workspaces.isPending ? (
        <SkeletonRows count={3} />
      ) : workspaces.isError ? (
        <ErrorState error={workspaces.error} onRetry={() => void workspaces.refetch()} />
      ) : shown.length === 0 ? (
        <p className="px-4 py-5 text-sm text-ink-3">
          {mayCreate ? 'None yet. Make the first one.' : 'You are in none of its workspaces; an admin can add you.'}
        </p>
      ) : (
        <ul aria-label="Workspaces" className="divide-y divide-line">
          {shown.map((each) => (
            <li key={each.id} className="flex min-h-11 flex-wrap items-center gap-x-4 gap-y-1 px-4 py-1.5 text-sm">
              <span className="min-w-48 flex-1 truncate font-medium">
                {each.name} <code className="ml-1 text-xs font-normal text-ink-3">{each.slug}</code> {each.purgeAt && <Tag>deleted</Tag>}
              </span>
              <span className="text-xs text-ink-3">
                {each.purgeAt ? (
                  <>
                    gone for good <RelativeTime at={each.purgeAt} />
                  </>
                ) : (
                  <>
                    made <RelativeTime at={each.createdAt} />
                  </>
                )}
              </span>
              <span className="w-24 text-ink-2">{each.role}</span>
              {each.id === me.workspace?.id ? (
                <span className="w-16 text-center text-xs text-ink-3">here</span>
              ) : (
                <Button size="sm" variant="quiet" className="w-16" aria-label={`Open ${each.name}`} onClick={() => openWorkspace(each.id)}>
                  Open
                </Button>
              )}
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
