'use client';
import type { Workspace } from '@signalbox/proto/api';
import { Button } from '../../components/ui/button.tsx';
import { EmptyState } from '../../components/ui/empty-state.tsx';
import { RelativeTime } from '../../components/ui/relative-time.tsx';
import { api } from '../../lib/trpc/client.ts';
import { useWrite } from '../../lib/use-write.ts';
import { ExportLink } from './end-workspace.tsx';

/** In place of every page of a workspace in its grace period: what can still be done with it. */
export function DeletedWorkspace({ workspace, purgeAt, scopes }: { workspace: Workspace; purgeAt: string; scopes: readonly string[] }) {
  const restore = useWrite(() => api.workspaces.restore.mutate(), { stale: [] });
  const mayRestore = scopes.includes('workspace:delete');
  return (
    <EmptyState title={`${workspace.name} is deleted`}>
      <p>
        Everything in it is gone for good <RelativeTime at={purgeAt} />.{' '}
        {mayRestore ? 'Until then it can be restored.' : 'An owner can restore it until then.'}
      </p>
      <div className="flex justify-center gap-2">
        {mayRestore && (
          <Button
            variant="primary"
            isBusy={restore.isPending}
            onClick={() => restore.mutate(undefined, { onSuccess: () => window.location.reload() })}
          >
            Restore it
          </Button>
        )}
        {scopes.includes('workspace:export') && <ExportLink workspace={workspace} />}
      </div>
    </EmptyState>
  );
}
