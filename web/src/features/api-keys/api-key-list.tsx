'use client';
import type { ApiKey } from '@signalbox/proto/api';
import { useQuery } from '@tanstack/react-query';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { SkeletonRows } from '../../components/ui/skeleton.tsx';
import { api } from '../../lib/trpc/client.ts';
import { ApiKeyRow } from './api-key-row.tsx';
import { apiKeyQueries } from './queries.ts';

/** `owner`: the id of a person or service account whose keys alone are shown. */
export function ApiKeyList({ owner }: { owner?: string }) {
  const keys = useQuery(apiKeyQueries(api).list());
  if (keys.isPending) return <SkeletonRows count={3} />;
  if (keys.isError) return <ErrorState error={keys.error} onRetry={() => void keys.refetch()} />;
  const shown = keys.data.filter((key) => owner === undefined || key.owner?.id === owner);
  if (shown.length === 0)
    return (
      <p className="px-4 py-5 text-sm text-ink-3">
        {owner ? (
          'No key in this workspace yet: without one, it cannot ask for anything here.'
        ) : (
          <>
            No keys. A pipeline that deploys needs one; on your own machine, <code className="text-xs">signalbox login</code> makes one for
            you.
          </>
        )}
      </p>
    );
  // Those that work first; of each kind the newest first, as they come.
  const [living, over] = [shown.filter((key) => !key.revokedAt), shown.filter((key) => key.revokedAt)];
  return (
    <ul aria-label="API keys" className="divide-y divide-line">
      {[...living, ...over].map((key) => (
        <ApiKeyRow key={key.id} apiKey={key} successor={findSuccessor(keys.data, key)} isOwnerShown={owner === undefined} />
      ))}
    </ul>
  );
}

function findSuccessor(keys: readonly ApiKey[], { replacedBy }: ApiKey): ApiKey | null {
  return keys.find(({ id }) => id === replacedBy) ?? null;
}
