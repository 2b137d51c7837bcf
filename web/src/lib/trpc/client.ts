/** The browser's API client. It talks to the origin the page came from, and to nothing else. */
import type { AppRouter } from '@signalbox/control-plane/api';
import { createTRPCClient, httpBatchLink } from '@trpc/client';
import { WORKSPACE_HEADER } from '../headers.ts';
import type { Api } from './api.ts';

let workspaceSlug: string | undefined;

/** Set once by the shell: every later request is made in this workspace. */
export function setClientWorkspace(slug: string | undefined): void {
  workspaceSlug = slug;
}

/** Headers that every request of this page carries, also those outside tRPC. */
export function clientHeaders(): Record<string, string> {
  return { 'x-signalbox-client': 'console', ...(workspaceSlug ? { [WORKSPACE_HEADER]: workspaceSlug } : {}) };
}

export const api: Api = createTRPCClient<AppRouter>({
  links: [httpBatchLink({ url: '/trpc', headers: clientHeaders, maxURLLength: 4_000, maxItems: 10 })],
});
