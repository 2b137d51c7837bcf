/** The API client of server components: one per request, in the name of the person whose cookie came along. */
import type { AppRouter } from '@signalbox/control-plane/api';
import type { Me } from '@signalbox/proto/api';
import { createTRPCClient, httpBatchLink } from '@trpc/client';
import { cookies, headers } from 'next/headers';
import { redirect } from 'next/navigation';
import { cache } from 'react';
import { apiUrl } from '../env.ts';
import { PATH_HEADER, WORKSPACE_HEADER } from '../headers.ts';
import { paths } from '../paths.ts';
import { WORKSPACE_COOKIE } from '../workspace-cookie.ts';
import type { Api } from './api.ts';
import { readError } from './errors.ts';

/** Milliseconds a page waits for the control plane before it renders an error instead. */
const ANSWER_WITHIN_MS = 10_000;

/** A client in the workspace of that slug; null: the person's first. */
async function connect(workspace: string | null): Promise<Api> {
  const [cookieStore, incoming] = await Promise.all([cookies(), headers()]);
  const forwarded = incoming.get('x-forwarded-for');
  return createTRPCClient<AppRouter>({
    links: [
      httpBatchLink({
        url: `${apiUrl()}/trpc`,
        headers: {
          cookie: cookieStore.toString(),
          'x-signalbox-client': 'console',
          ...(workspace ? { [WORKSPACE_HEADER]: workspace } : {}),
          ...(forwarded ? { 'x-forwarded-for': forwarded } : {}),
        },
        fetch: (url, init) =>
          fetch(url as string, { ...(init as RequestInit), cache: 'no-store', signal: AbortSignal.timeout(ANSWER_WITHIN_MS) }),
      }),
    ],
  });
}

/** Who asks and where, or null when nobody is signed in. A remembered workspace that is gone gives way to the first one. */
export const findSession = cache(async (): Promise<{ me: Me; api: Api } | null> => {
  const remembered = (await cookies()).get(WORKSPACE_COOKIE)?.value ?? null;
  try {
    const { api, me } = await ask(remembered);
    return { me, api: remembered ? api : await connect(me.workspace?.id ?? null) };
  } catch (error) {
    const { code } = readError(error);
    if (code === 'UNAUTHENTICATED') return null;
    if (code !== 'NOT_FOUND' || remembered === null) throw error;
  }
  const { me } = await ask(null);
  return { me, api: await connect(me.workspace?.id ?? null) };
});

async function ask(workspace: string | null): Promise<{ me: Me; api: Api }> {
  const api = await connect(workspace);
  return { api, me: await api.me.get.query() };
}

/** The session of a page. Redirects to the sign-in page, and back afterwards, when nobody is signed in. */
export async function requireSession(): Promise<{ me: Me; api: Api }> {
  const session = await findSession();
  if (session) return session;
  const path = (await headers()).get(PATH_HEADER) ?? '/';
  redirect(paths.signIn(path));
}
