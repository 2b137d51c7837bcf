/** Every address of the console, in one place. */
export const paths = {
  home: '/runs',
  runs: (query?: Record<string, string>) => `/runs${query ? `?${new URLSearchParams(query)}` : ''}`,
  run: (id: string) => `/runs/${id}`,
  jobs: '/jobs',
  deployments: '/deployments',
  deployment: (id: string) => `/deployments/${id}`,
  flows: '/flows',
  calendars: '/calendars',
  workPools: '/work-pools',
  workPool: (name: string) => `/work-pools/${encodeURIComponent(name)}`,
  limits: '/limits',
  limit: (name: string) => `/limits/${encodeURIComponent(name)}`,
  events: (query?: Record<string, string>) => `/events${query ? `?${new URLSearchParams(query)}` : ''}`,
  event: (position: number) => `/events/${position}`,
  /** Leads on to its place, for those who know its id and since when it can be there. */
  eventOfId: (id: string, since: string) => `/events/${id}?${new URLSearchParams({ since })}`,
  automations: '/automations',
  automation: (id: string) => `/automations/${id}`,
  newAutomation: (query?: Record<string, string>) => `/automations/new${query ? `?${new URLSearchParams(query)}` : ''}`,
  /** A new automation that fires on events like this one. */
  automationFrom: ({ name }: { name: string }) => `/automations/new?${new URLSearchParams({ on: name })}`,
  inbox: '/inbox',
  variables: '/variables',
  blocks: '/blocks',
  assets: '/assets',
  asset: (uri: string) => `/assets/of?uri=${encodeURIComponent(uri)}`,
  agents: '/agents',
  agent: (id: string) => `/agents/${id}`,
  failures: '/failures',
  failure: (id: string) => `/failures/${id}`,
  incidents: '/incidents',
  incident: (id: string) => `/incidents/${id}`,
  notifications: '/notifications',
  webhooks: '/webhooks',
  access: '/access',
  audit: '/audit',
  usage: '/usage',
  settings: '/settings',
  account: '/account',
  organization: '/organization',
  security: '/security',
  signIn: (next?: string) => `/sign-in${next && next !== '/' ? `?next=${encodeURIComponent(next)}` : ''}`,
} as const;

/** `next` of the sign-in page, if it stays on this site; else home. `//evil` and `/\evil` leave it. */
export function safeNext(next: string | null | undefined): string {
  return next && /^\/(?![/\\])/.test(next) && !/\p{Cc}/u.test(next) && !next.startsWith('/sign-in') ? next : paths.home;
}
