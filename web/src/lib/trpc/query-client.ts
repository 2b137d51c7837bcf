import { defaultShouldDehydrateQuery, MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { paths } from '../paths.ts';
import { readError } from './errors.ts';

/** Session over: sign in, and come back to this very page. */
function leaveWhenSignedOut(error: unknown): void {
  if (typeof window === 'undefined' || readError(error).code !== 'UNAUTHENTICATED') return;
  window.location.assign(paths.signIn(window.location.pathname + window.location.search));
}

/** `onError` hears of whatever went wrong, also where a write has a handler of its own. */
export function makeQueryClient(onError?: (error: unknown) => void): QueryClient {
  const heard = (error: unknown): void => {
    leaveWhenSignedOut(error);
    onError?.(error);
  };
  return new QueryClient({
    queryCache: new QueryCache({ onError: heard }),
    mutationCache: new MutationCache({ onError: heard }),
    defaultOptions: {
      queries: {
        // Live events invalidate; this only spares a refetch right after the server's first paint.
        staleTime: 5_000,
        retry: (failures, error) => readError(error).code === 'UNAVAILABLE' && failures < 2,
      },
      dehydrate: { shouldDehydrateQuery: defaultShouldDehydrateQuery },
    },
  });
}
