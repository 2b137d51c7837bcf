/** Who reports: the session that is current, read after the channels are locked, so that an older one cannot slip in. */
import type { Sql } from '../../../platform/sql.ts';

export type Reporter = { readonly workspaceId: string; readonly poolId: string; readonly session: number; readonly revoked: boolean };

export type Reporters = {
  /** By agent id. */
  readonly agents: ReadonlyMap<string, Reporter>;
  /** Postgres timeline; when it changes, agents replay what they keep behind the watermark. */
  readonly timeline: number;
};

export async function readReporters(sql: Sql, agentIds: readonly string[]): Promise<Reporters> {
  const rows = await sql.query<{
    id: string | null;
    workspaceId: string;
    poolId: string;
    session: number;
    revoked: boolean;
    timeline: number;
  }>(
    `SELECT a.id, a.workspace_id AS "workspaceId", a.pool_id AS "poolId", a.session, a.revoked_at IS NOT NULL AS revoked, t.timeline
     FROM (SELECT postgres_timeline() AS timeline) t
     LEFT JOIN agent a ON a.id = ANY ($1::uuid[])`,
    [[...new Set(agentIds)]],
    'report-agents',
  );
  const agents = rows.flatMap(({ id, ...row }) => (id ? [[id, row] as const] : []));
  return { agents: new Map(agents), timeline: rows[0]?.timeline ?? 0 };
}
