'use client';
import type { ApiKey } from '@signalbox/proto/api';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { toast } from 'sonner';
import { Button } from '../../components/ui/button.tsx';
import { ConfirmDialog } from '../../components/ui/confirm-dialog.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { RelativeTime } from '../../components/ui/relative-time.tsx';
import { SkeletonRows } from '../../components/ui/skeleton.tsx';
import { cn } from '../../lib/class-names.ts';
import { useNow } from '../../lib/now.tsx';
import { api } from '../../lib/trpc/client.ts';
import { readError } from '../../lib/trpc/errors.ts';
import { apiKeyQueries } from './queries.ts';

export function ApiKeyList() {
  const keys = useQuery(apiKeyQueries(api).list());
  if (keys.isPending) return <SkeletonRows count={3} />;
  if (keys.isError) return <ErrorState error={keys.error} onRetry={() => void keys.refetch()} />;
  if (keys.data.length === 0)
    return (
      <p className="px-4 py-5 text-sm text-ink-3">
        No keys. A pipeline that deploys needs one; on your own machine, <code className="text-xs">signalbox login</code> makes one for you.
      </p>
    );
  return (
    <ul className="divide-y divide-line">
      {keys.data.map((key) => (
        <ApiKeyRow key={key.id} apiKey={key} />
      ))}
    </ul>
  );
}

function ApiKeyRow({ apiKey }: { apiKey: ApiKey }) {
  const queryClient = useQueryClient();
  const [isRevoking, setRevoking] = useState(false);
  const now = useNow(10_000);
  const isOver = apiKey.revokedAt !== null || (apiKey.expiresAt !== null && Date.parse(apiKey.expiresAt) < now);
  const revoke = useMutation({
    mutationFn: () => api.apiKeys.revoke.mutate({ key: apiKey.id }),
    onSuccess: () => {
      toast.success(`${apiKey.name} is revoked`);
      return queryClient.invalidateQueries({ queryKey: ['api-keys'] });
    },
    onError: (error) => toast.error('Could not revoke this key', { description: readError(error).message }),
    onSettled: () => setRevoking(false),
  });
  return (
    <li className={cn('flex flex-wrap items-center gap-x-4 gap-y-1 px-4 py-2.5 text-sm', isOver && 'text-ink-3')}>
      <div className="min-w-48 flex-1">
        <span className="block truncate font-medium">{apiKey.name}</span>
        <span className="text-xs text-ink-3">
          <code>{apiKey.prefix}…</code> · {apiKey.role}
        </span>
      </div>
      <span className="w-40 text-ink-2">
        {apiKey.lastUsedAt ? (
          <>
            used <RelativeTime at={apiKey.lastUsedAt} />
          </>
        ) : (
          'never used'
        )}
      </span>
      <span className="w-40 text-ink-2">
        {apiKey.revokedAt ? (
          <>
            revoked <RelativeTime at={apiKey.revokedAt} />
          </>
        ) : apiKey.expiresAt ? (
          <>
            {isOver ? 'expired' : 'expires'} <RelativeTime at={apiKey.expiresAt} />
          </>
        ) : (
          'does not expire'
        )}
      </span>
      <span className="w-20 text-right">
        {!isOver && (
          <Button variant="quiet" size="sm" onClick={() => setRevoking(true)} aria-label={`Revoke ${apiKey.name}`}>
            Revoke
          </Button>
        )}
      </span>
      <ConfirmDialog
        isOpen={isRevoking}
        onOpenChange={setRevoking}
        title={`Revoke ${apiKey.name}?`}
        confirmLabel="Revoke the key"
        isBusy={revoke.isPending}
        onConfirm={() => revoke.mutate()}
      >
        Whatever uses it is refused from now on. This cannot be taken back.
      </ConfirmDialog>
    </li>
  );
}
