'use client';
import type { DeploymentVersion } from '@signalbox/proto/api';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { CircleCheck, Undo2 } from 'lucide-react';
import { useState } from 'react';
import { toast } from 'sonner';
import { Button } from '../../components/ui/button.tsx';
import { ConfirmDialog } from '../../components/ui/confirm-dialog.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { RelativeTime } from '../../components/ui/relative-time.tsx';
import { Skeleton } from '../../components/ui/skeleton.tsx';
import { shortDigest } from '../../lib/format.ts';
import { api } from '../../lib/trpc/client.ts';
import { readError } from '../../lib/trpc/errors.ts';
import { May } from '../shell/session.tsx';
import { deploymentQueries } from './queries.ts';

/** The newest states of the code that were deployed, and the way back to one. */
export function VersionList({ deployment }: { deployment: string }) {
  const versions = useQuery(deploymentQueries(api).versions(deployment));
  const [chosen, setChosen] = useState<DeploymentVersion | null>(null);
  const queryClient = useQueryClient();
  const rollback = useMutation({
    mutationFn: (version: number) => api.deployments.rollback.mutate({ deployment, version }),
    onSuccess: (_reply, version) => {
      toast.success(`New runs use version ${version}`);
      setChosen(null);
      return queryClient.invalidateQueries({ queryKey: ['deployments'] });
    },
    onError: (error) => toast.error('Could not roll back', { description: readError(error).message }),
  });
  if (versions.isError) return <ErrorState error={versions.error} onRetry={() => void versions.refetch()} />;
  if (!versions.data) return <Skeleton className="m-4 h-16" />;
  return (
    <>
      <ul className="divide-y divide-line">
        {versions.data.items.map((version) => (
          <li key={version.number} className="flex items-start gap-3 px-4 py-2 text-sm">
            <span className="w-8 tabular-nums text-ink-3">{version.number}</span>
            <div className="min-w-0 flex-1">
              <p>
                <code className="text-xs" title={version.digest}>
                  {shortDigest(version.digest)}
                </code>{' '}
                <RelativeTime at={version.deployedAt} className="text-ink-3" />
                {version.deployedBy && <span className="text-ink-3"> by {version.deployedBy}</span>}
              </p>
              {version.changes.map((change) => (
                <p key={change} className="truncate text-xs text-ink-3" title={change}>
                  {change}
                </p>
              ))}
            </div>
            {version.current ? (
              <span className="inline-flex items-center gap-1.5 text-xs font-medium text-good">
                <CircleCheck aria-hidden className="size-3.5" />
                Current
              </span>
            ) : (
              <May scope="deployments:write" on={[deployment]}>
                <Button variant="quiet" size="sm" onClick={() => setChosen(version)} aria-label={`Roll back to version ${version.number}`}>
                  <Undo2 aria-hidden className="size-3.5" />
                  Roll back
                </Button>
              </May>
            )}
          </li>
        ))}
      </ul>
      <ConfirmDialog
        isOpen={chosen !== null}
        onOpenChange={(isOpen) => !isOpen && setChosen(null)}
        title={`Roll back to version ${chosen?.number}?`}
        confirmLabel="Roll back"
        isBusy={rollback.isPending}
        onConfirm={() => chosen && rollback.mutate(chosen.number)}
      >
        New runs use its code and configuration. Schedules and overrides stay, runs that wait keep their code, and the next deploy that
        differs goes forward again.
      </ConfirmDialog>
    </>
  );
}
