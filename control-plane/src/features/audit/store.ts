/** Rows of the audit: pages and downloads of it, by the index on (workspace or organization, id). */
import { toId, uuidv7 } from '@signalbox/proto';
import type { AuditEntry, auditFilter } from '@signalbox/proto/api';
import type { z } from 'zod';
import type { Sql } from '../../platform/sql.ts';

export type AuditFilter = z.output<z.ZodObject<typeof auditFilter>>;
/** A workspace's own, or all of an organization: its workspaces' too. */
export type AuditScope = { readonly workspace: string } | { readonly organization: string };

type Row = {
  id: string;
  at: Date;
  workspace_id: string | null;
  actor_kind: AuditEntry['actor']['kind'];
  actor_id: string | null;
  actor_name: string;
  via: string | null;
  action: string;
  outcome: AuditEntry['outcome'];
  target_kind: string;
  target_id: string | null;
  before: unknown;
  after: unknown;
  request_id: string | null;
  address: string | null;
};

/**
 * Newest first, by keyset on id. An id carries the instant at which its row was made, so that a range of time is a range of
 * the index; the other filters are looked at row by row within it.
 */
export async function readAudit(sql: Sql, scope: AuditScope, filter: AuditFilter, before: string | null, limit: number): Promise<Row[]> {
  const column = 'workspace' in scope ? 'workspace_id' : 'organization_id';
  return sql.query<Row>(
    `SELECT id, at, workspace_id, actor_kind, actor_id, actor_name, via, action, outcome, target_kind, target_id, before, after, request_id, address
       FROM audit_entry
      WHERE ${column} = $1::uuid AND ($2::uuid IS NULL OR id < $2::uuid) AND ($3::uuid IS NULL OR id >= $3::uuid) AND ($4::uuid IS NULL OR id < $4::uuid)
        AND ($5::text IS NULL OR actor_kind = $5) AND ($6::text IS NULL OR position(lower($6) IN lower(actor_name)) > 0)
        AND ($7::text IS NULL OR action = $7 OR starts_with(action, $7 || '.')) AND ($8::text IS NULL OR outcome = $8)
        AND ($9::uuid IS NULL OR target_id = $9::uuid)
      ORDER BY id DESC LIMIT $10::int`,
    [
      'workspace' in scope ? scope.workspace : scope.organization,
      before,
      filter.from ? firstIdAt(filter.from) : null,
      filter.to ? firstIdAt(filter.to) : null,
      filter.actorKind ?? null,
      filter.actor ?? null,
      filter.action ?? null,
      filter.outcome ?? null,
      filter.target ?? null,
      limit,
    ],
  );
}

/** The least id that a row made at this instant may have. */
function firstIdAt(instant: string): string {
  return `${uuidv7(Date.parse(instant)).slice(0, 13)}-7000-8000-000000000000`;
}

export function showEntry(row: Row): AuditEntry {
  return {
    id: toId('audit', row.id),
    at: row.at.toISOString(),
    workspace: row.workspace_id ? toId('workspace', row.workspace_id) : null,
    actor: { kind: row.actor_kind, id: row.actor_id, name: row.actor_name, via: row.via },
    action: row.action,
    outcome: row.outcome,
    target: { kind: row.target_kind, id: row.target_id },
    before: row.before,
    after: row.after,
    requestId: row.request_id,
    address: row.address,
  };
}
