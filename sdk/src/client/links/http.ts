import type { TRPCLink } from '@trpc/client';
import { httpBatchLink, httpLink, splitLink } from '@trpc/client';
import type { AppRouter } from '../router.ts';
import { strangeAnswer } from '../to-signalbox-error.ts';

/** How requests leave: where to, with which headers, through which fetch. */
export interface HttpOptions {
  url: string;
  headers: () => Record<string, string>;
  fetch: typeof globalThis.fetch;
}

/**
 * Queries of one tick share a request; each mutation has its own, so that one person's action never waits for
 * another's and a failure is exactly its own.
 */
export function http(options: HttpOptions): TRPCLink<AppRouter> {
  const shared = {
    url: `${options.url}/trpc`,
    headers: options.headers,
    fetch: async (input: RequestInfo | URL | string, init?: object) => {
      const response = await options.fetch(input as RequestInfo, init as RequestInit);
      const error = await strangeAnswer(response, options.url);
      if (error) throw error;
      return response;
    },
  };
  return splitLink({
    condition: (op) => op.type === 'query',
    // Longer addresses are cut by common proxies.
    true: httpBatchLink({ ...shared, maxItems: 10, maxURLLength: 4_000 }),
    false: httpLink(shared),
  });
}
