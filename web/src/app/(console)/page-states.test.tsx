/** The pages of who may what, each in its states: rendered as the server renders them, with every question answered alike. */
import type { Me } from '@signalbox/proto/api';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { TRPCClientError } from '@trpc/client';
import { NuqsTestingAdapter } from 'nuqs/adapters/testing';
import type { ComponentType } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import { SessionProvider } from '../../features/shell/session.tsx';
import { LiveProvider } from '../../lib/live/live.tsx';
import { AccessPage } from './access/client.tsx';
import { AgentsPage } from './agents/client.tsx';
import { AuditPage } from './audit/client.tsx';
import { SecurityPage } from './security/client.tsx';
import { SettingsPage } from './settings/client.tsx';

const PAGES: readonly [page: string, Page: ComponentType, search: string, empty: string][] = [
  ['members', AccessPage, '', 'Nobody yet'],
  ['teams', AccessPage, '?tab=teams', 'No team'],
  ['roles', AccessPage, '?tab=roles', 'No role'],
  ['service accounts', AccessPage, '?tab=service-accounts', 'No service account'],
  ['grants', AccessPage, '?tab=grants', 'grant'],
  ['keys', SettingsPage, '', 'No keys'],
  ['single sign-on', SecurityPage, '', 'No identity provider'],
  ['audit', AuditPage, '', 'Nothing was done yet'],
  ['agents', AgentsPage, '', 'No agent has joined yet'],
];

const SCOPES = ['audit:read', 'organization:members', 'organization:security', 'api-keys:own'];
const me = {
  actor: { kind: 'user', id: 'user_1', name: 'Ada', email: 'ada@example.com' },
  workspace: { id: 'ws_1', slug: 'w', name: 'W', role: 'owner', organization: { id: 'org_1', slug: 'o', name: 'O' }, purgeAt: null },
  organization: { id: 'org_1', slug: 'o', name: 'O', role: 'owner', scopes: SCOPES, purgeAt: null },
  scopes: SCOPES,
  objects: [],
} as unknown as Me;

const failed = (code: string) =>
  Object.assign(new TRPCClientError('x'), {
    data: { signalbox: { code, message: 'Said by the control plane.', details: { scope: 'x:y' } } },
  });
const NO_PAGE = { items: [], nextCursor: null };
const EMPTY: Readonly<Record<string, unknown>> = {
  'access grants': NO_PAGE,
  'access organization-grants': NO_PAGE,
  'agents list': NO_PAGE,
  'audit workspace': { pages: [NO_PAGE], pageParams: [null] },
  retention: { days: 30, choices: [30], oldestRunAt: null, holds: [] },
  'security networks': { networks: [], yourAddress: '192.0.2.1' },
  'security support': { allowed: false, sessions: [] },
};

/** A client whose queries all stand as `state` says, and ask nobody. */
function clientIn(state: 'loading' | 'error' | 'forbidden' | 'empty'): QueryClient {
  const client = new QueryClient({ defaultOptions: { queries: { retryOnMount: false, staleTime: Number.POSITIVE_INFINITY } } });
  const cache = client.getQueryCache();
  const build = cache.build.bind(cache);
  cache.build = ((...args: Parameters<typeof build>) => {
    const query = build(...args);
    if (state === 'empty') query.setData((EMPTY[query.queryKey.slice(0, 2).join(' ')] ?? []) as never);
    else if (state !== 'loading')
      query.setState({ status: 'error', error: failed(state === 'error' ? 'UNAVAILABLE' : 'FORBIDDEN') as never, fetchStatus: 'idle' });
    return query;
  }) as typeof cache.build;
  return client;
}

const show = (Page: ComponentType, search: string, state: Parameters<typeof clientIn>[0]): string =>
  renderToStaticMarkup(
    <QueryClientProvider client={clientIn(state)}>
      <NuqsTestingAdapter searchParams={search}>
        <SessionProvider session={{ me, theme: 'system' }}>
          <LiveProvider>
            <Page />
          </LiveProvider>
        </SessionProvider>
      </NuqsTestingAdapter>
    </QueryClientProvider>,
  );

describe.each(PAGES)('the page of %s', (_, Page, search, empty) => {
  it('says that it loads', () => expect(show(Page, search, 'loading')).toContain('aria-label="Loading"'));

  it('says what went wrong, and tries again', () => {
    const html = show(Page, search, 'error');
    expect(html).toContain('role="alert"');
    expect(html).toContain('The control plane does not answer');
    expect(html).toContain('Try again');
  });

  it('says that one may not, whom to ask, and offers no second try', () => {
    const html = show(Page, search, 'forbidden');
    expect(html).toContain('Not allowed');
    expect(html).toContain('Said by the control plane.');
    expect(html).not.toContain('Try again');
  });

  it('says what would be there', () => expect(show(Page, search, 'empty')).toContain(empty));
});
