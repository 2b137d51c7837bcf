/** The API client of server components: one per request, in the name of the person whose cookie came along. */
import type { AppRouter } from '@signalbox/control-plane/api';
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

export const serverApi = cache(async (): Promise<Api> => {
  const [cookieStore, incoming] = await Promise.all([cookies(), headers()]);
  const workspace = cookieStore.get(WORKSPACE_COOKIE)?.value;
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
});

/** Who asks. Redirects to the sign-in page, and back afterwards, when nobody is signed in. */
export const requireMe = cache(async () => {
  const api = await serverApi();
  try {
    return await api.me.get.query();
  } catch (error) {
    const body = readError(error);
    if (body.code !== 'UNAUTHENTICATED') throw new Error(body.message, { cause: error });
  }
  const path = (await headers()).get(PATH_HEADER) ?? '/';
  redirect(paths.signIn(path));
});
