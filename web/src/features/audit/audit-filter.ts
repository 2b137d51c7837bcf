import { ACTOR_KINDS } from '@signalbox/proto/api';
import { parseAsString, parseAsStringLiteral } from 'nuqs';
import type { AuditFilter } from './queries.ts';

/** `?of=organization&action=run.cancel&who=ada&kind=person&outcome=refused&since=24h&target=<uuid>` */
export const auditSearchParams = {
  of: parseAsStringLiteral(['workspace', 'organization']).withDefault('workspace'),
  action: parseAsString.withDefault(''),
  who: parseAsString.withDefault(''),
  kind: parseAsStringLiteral(ACTOR_KINDS),
  outcome: parseAsStringLiteral(['done', 'refused']),
  since: parseAsStringLiteral(['1h', '24h', '7d', '30d']),
  target: parseAsString.withDefault(''),
};

const SINCE_MS = { '1h': 3_600_000, '24h': 86_400_000, '7d': 7 * 86_400_000, '30d': 30 * 86_400_000 };
export const SINCE_TEXT = { '1h': 'Last hour', '24h': 'Last day', '7d': 'Last 7 days', '30d': 'Last 30 days' } as const;
const ACTION = /^[a-z-]+(\.[a-z-]+)?$/;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export interface AuditSearch {
  readonly action: string;
  readonly who: string;
  readonly kind: (typeof ACTOR_KINDS)[number] | null;
  readonly outcome: 'done' | 'refused' | null;
  readonly since: keyof typeof SINCE_MS | null;
  readonly target: string;
}

/** What the API is asked. Half of a word, while it is typed, asks for nothing yet. Instants are whole minutes, so that they can be cached. */
export function auditFilterOf(search: AuditSearch, nowMs: number): AuditFilter {
  const action = search.action.trim();
  const who = search.who.trim();
  const from = search.since && new Date(Math.floor((nowMs - SINCE_MS[search.since]) / 60_000) * 60_000).toISOString();
  return {
    ...(ACTION.test(action) && { action }),
    ...(who && { actor: who.slice(0, 100) }),
    ...(search.kind && { actorKind: search.kind }),
    ...(search.outcome && { outcome: search.outcome }),
    ...(UUID.test(search.target) && { target: search.target.toLowerCase() }),
    ...(from && { from }),
  };
}
