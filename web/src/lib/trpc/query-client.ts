import { defaultShouldDehydrateQuery, QueryCache, QueryClient } from '@tanstack/react-query';
import { paths } from '../paths.ts';
import { readError } from './errors.ts';

/** Session over: sign in, and come back to this very page. */
function leaveWhenSignedOut(error: unknown): void {
  if (typeof window === 'undefined' || readError(error).code !== 'UNAUTHENTICATED') return;
  window.location.assign(paths.signIn(window.location.pathname + window.location.search));
}

export function makeQueryClient(): QueryClient {
  return new QueryClient({
    queryCache: new QueryCache({ onError: leaveWhenSignedOut }),
    defaultOptions: {
      queries: {
        // Live events invalidate; this only spares a refetch right after the server's first paint.
        staleTime: 5_000,
        retry: (failures, error) => readError(error).code === 'UNAVAILABLE' && failures < 2,
      },
      mutations: { onError: leaveWhenSignedOut },
      dehydrate: { shouldDehydrateQuery: defaultShouldDehydrateQuery },
    },
  });
}
