/** Pages of who may what, and of what happens, each in its states: rendered as the server renders them, with every question answered alike. */
import type { Me } from '@signalbox/proto/api';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { TRPCClientError } from '@trpc/client';
import { NuqsTestingAdapter } from 'nuqs/adapters/testing';
import type { ComponentType } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import { FiringList } from '../../features/automations/firing-list.tsx';
import { SessionProvider } from '../../features/shell/session.tsx';
import { SlaPanel } from '../../features/slas/sla-panel.tsx';
import { LiveProvider } from '../../lib/live/live.tsx';
import { AccessPage } from './access/client.tsx';
import { AgentsPage } from './agents/client.tsx';
import { AuditPage } from './audit/client.tsx';
import { AutomationPage } from './automations/[id]/client.tsx';
import { AutomationsPage } from './automations/client.tsx';
import { NewAutomationPage } from './automations/new/client.tsx';
import { EventOfId, EventPage } from './events/[position]/client.tsx';
import { EventsPage } from './events/client.tsx';
import { FailurePage } from './failures/[id]/client.tsx';
import { FailuresPage } from './failures/client.tsx';
import { IncidentPage } from './incidents/[id]/client.tsx';
import { IncidentsPage } from './incidents/client.tsx';
import { NotificationsPage } from './notifications/client.tsx';
import { SecurityPage } from './security/client.tsx';
import { SettingsPage } from './settings/client.tsx';
import { WebhooksPage } from './webhooks/client.tsx';

/** `empty` is null where the page is of one thing, which is there or is not found. */
const PAGES: readonly [page: string, Page: ComponentType, search: string, empty: string | null][] = [
  ['members', AccessPage, '', 'Nobody yet'],
  ['teams', AccessPage, '?tab=teams', 'No team'],
  ['roles', AccessPage, '?tab=roles', 'No role'],
  ['service accounts', AccessPage, '?tab=service-accounts', 'No service account'],
  ['grants', AccessPage, '?tab=grants', 'grant'],
  ['keys', SettingsPage, '', 'No keys'],
  ['single sign-on', SecurityPage, '', 'No identity provider'],
  ['audit', AuditPage, '', 'Nothing was done yet'],
  ['agents', AgentsPage, '', 'No agent has joined yet'],
  ['events', EventsPage, '', 'Nothing happened in this time'],
  ['events of a filter', EventsPage, '?name=order.*', 'No event fits this filter'],
  ['an event', () => <EventPage position={7} />, '', 'No event at this place'],
  ['an event of an id', () => <EventOfId id="x" since={undefined} />, '', 'No event of this id'],
  ['automations', AutomationsPage, '', 'No automation yet'],
  ['automations of a search', AutomationsPage, '?q=x', 'No automation by that name'],
  ['an automation', () => <AutomationPage id="auto_1" />, '', null],
  ['firings', () => <FiringList filter={{}} empty="None has fired." />, '', 'None has fired.'],
  ['webhooks', WebhooksPage, '', 'No webhook yet'],
  ['notifications', NotificationsPage, '', 'No channel yet'],
  ['service levels', () => <SlaPanel about={{ deployment: 'dep_1' }} />, '', 'Nothing is promised'],
  ['incidents', IncidentsPage, '', 'No incident is open'],
  ['an incident', () => <IncidentPage id="inc_1" />, '', null],
  ['failures', FailuresPage, '', 'Nothing fails that nobody looks at'],
  ['failures of a search', FailuresPage, '?view=muted&q=x', 'No muted failure fits this search'],
  ['a failure', () => <FailurePage id="fail_1" />, '', null],
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
const NO_PAGE = { items: [], nextCursor: null, searchedTo: null };
const PAGED = { pages: [NO_PAGE], pageParams: [null] };
const EMPTY: Readonly<Record<string, unknown>> = {
  'access grants': NO_PAGE,
  'access organization-grants': NO_PAGE,
  'agents list': NO_PAGE,
  'audit workspace': PAGED,
  'automations list': PAGED,
  'automations firings': PAGED,
  'events at': null,
  'events of-id': null,
  'events bars': { bars: [], barMs: 1, since: '2026-01-01T00:00:00.000Z' },
  'events list': PAGED,
  'events names': { counts: [] },
  'failures list': PAGED,
  'incidents list': PAGED,
  'notifications deliveries': NO_PAGE,
  'slas violations': NO_PAGE,
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
    if (state === 'empty') {
      const key = query.queryKey.slice(0, 2).join(' ');
      query.setData((key in EMPTY ? EMPTY[key] : []) as never);
    } else if (state !== 'loading')
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

  if (empty !== null) it('says what would be there', () => expect(show(Page, search, 'empty')).toContain(empty));
});

it('nobody fills in an automation that they may not make', () => {
  const html = show(() => <NewAutomationPage on="run.Failed" />, '', 'empty');
  expect(html).toContain('Not allowed');
  expect(html).not.toContain('<form');
});
