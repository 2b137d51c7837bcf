'use client';
import type { EffectiveValue } from '@signalbox/proto/api';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Pencil, Plus, RotateCcw } from 'lucide-react';
import { useState } from 'react';
import { toast } from 'sonner';
import { Button } from '../../components/ui/button.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { Panel } from '../../components/ui/panel.tsx';
import { RelativeTime } from '../../components/ui/relative-time.tsx';
import { Skeleton } from '../../components/ui/skeleton.tsx';
import { api } from '../../lib/trpc/client.ts';
import { readError } from '../../lib/trpc/errors.ts';
import { May } from '../shell/session.tsx';
import { showFieldValue } from './field-words.ts';
import { LayerBadge } from './layer-badge.tsx';
import { OverrideDialog } from './override-dialog.tsx';
import { deploymentQueries } from './queries.ts';

/** Every effective value, where it comes from, and what a person set over it; set and reset in place. */
export function EffectiveConfig({ deployment }: { deployment: string }) {
  const described = useQuery(deploymentQueries(api).described(deployment));
  const [edited, setEdited] = useState<EffectiveValue | 'new' | null>(null);
  const [showsAll, setShowsAll] = useState(false);
  const fields = described.data?.fields.filter(({ field }) => field !== 'parameterSchema') ?? [];
  const quiet = fields.filter(({ from }) => from === 'default').length;
  return (
    <Panel
      title="Effective configuration"
      actions={
        <May scope="deployments:operate" on={[deployment]}>
          <Button size="sm" onClick={() => setEdited('new')}>
            <Plus aria-hidden className="size-3.5" />
            Override
          </Button>
        </May>
      }
    >
      {described.isError && <ErrorState error={described.error} onRetry={() => void described.refetch()} />}
      {described.isPending && <Skeleton className="m-4 h-32" />}
      {described.data && (
        <div className="overflow-x-auto">
          <table className="w-full text-sm">
            <thead className="text-left text-xs text-ink-3">
              <tr className="border-b border-line">
                <th className="px-4 py-2 font-medium">Field</th>
                <th className="px-2 py-2 font-medium">Value</th>
                <th className="px-2 py-2 font-medium">From</th>
                <th className="px-4 py-2">
                  <span className="sr-only">Actions</span>
                </th>
              </tr>
            </thead>
            <tbody className="divide-y divide-line">
              {fields
                .filter(({ from }) => showsAll || from !== 'default')
                .map((field) => (
                  <FieldRow key={field.path} deployment={deployment} field={field} onEdit={() => setEdited(field)} />
                ))}
            </tbody>
          </table>
          {quiet > 0 && (
            <Button variant="quiet" size="sm" className="m-2" aria-expanded={showsAll} onClick={() => setShowsAll(!showsAll)}>
              {showsAll ? 'Hide defaults' : `Show ${quiet} at their default`}
            </Button>
          )}
        </div>
      )}
      {edited && <OverrideDialog deployment={deployment} field={edited === 'new' ? null : edited} onClose={() => setEdited(null)} />}
    </Panel>
  );
}

function FieldRow({ deployment, field, onEdit }: { deployment: string; field: EffectiveValue; onEdit: () => void }) {
  const { path, overlay, layers, input } = field;
  const code = layers.findLast(({ layer }) => layer !== 'overlay');
  return (
    <tr className="align-top">
      <td className="px-4 py-2 font-mono text-xs [overflow-wrap:anywhere]" title={field.about}>
        {path}
      </td>
      <td className="px-2 py-2 [overflow-wrap:anywhere]">
        <span className={field.value === undefined ? 'italic text-ink-3' : ''}>{showFieldValue(field.value, input)}</span>
        {overlay && (
          <p className="mt-0.5 text-xs text-ink-3">
            {overlay.author}
            {overlay.reason && `: ${overlay.reason}`}
            {' · '}
            {overlay.expiresAt ? (
              <>
                ends <RelativeTime at={overlay.expiresAt} />
              </>
            ) : (
              'until it is reset'
            )}
            {code && ` · ${code.layer} says ${showFieldValue(code.value, input)}`}
          </p>
        )}
      </td>
      <td className="px-2 py-2">
        <LayerBadge from={field.from} />
      </td>
      <td className="whitespace-nowrap px-4 py-1 text-right">
        <May scope="deployments:operate" on={[deployment]}>
          {overlay && <ResetButton deployment={deployment} path={path} />}
          {field.overridable && (
            <Button variant="quiet" size="sm" onClick={onEdit} aria-label={`Override ${path}`}>
              <Pencil aria-hidden className="size-3.5" />
            </Button>
          )}
        </May>
      </td>
    </tr>
  );
}

function ResetButton({ deployment, path }: { deployment: string; path: string }) {
  const queryClient = useQueryClient();
  const reset = useMutation({
    mutationFn: () => api.deployments.resetOverlay.mutate({ deployment, paths: [path] }),
    onSuccess: () => {
      toast.success(`${path} is as code says`);
      return queryClient.invalidateQueries({ queryKey: ['deployments'] });
    },
    onError: (error) => toast.error(`Could not reset ${path}`, { description: readError(error).message }),
  });
  return (
    <Button variant="quiet" size="sm" isBusy={reset.isPending} onClick={() => reset.mutate()} aria-label={`Reset ${path} to code`}>
      {!reset.isPending && <RotateCcw aria-hidden className="size-3.5" />}
      Reset
    </Button>
  );
}
