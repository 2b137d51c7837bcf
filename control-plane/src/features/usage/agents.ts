/** How many agents a workspace may have enrolled at once. */
import type { WorkspaceLimits } from '../../domain/rules/workspace-limits.ts';
import { limitExceeded } from '../../platform/errors.ts';
import type { Sql } from '../../platform/sql.ts';
import { effective } from './service.ts';
import { countAgents, readLimits } from './store.ts';

/** Locks the workspace's row, so that two that enroll at once are counted one after the other. @throws LIMIT_EXCEEDED for one too many. */
export async function requireRoomForAgent(sql: Sql, workspaceId: string, defaults: WorkspaceLimits): Promise<void> {
  const { most } = effective('agents.now', defaults, await readLimits(sql, workspaceId));
  if (most === null) return;
  await sql.query('SELECT 1 FROM workspace WHERE id = $1::uuid FOR NO KEY UPDATE', [workspaceId]);
  const used = await countAgents(sql, workspaceId);
  if (used < most) return;
  throw limitExceeded(
    `This workspace may have ${most} agents, and has ${used}. Revoke one that is not needed; its operator can raise it.`,
    {
      details: { field: 'agents', span: 'now', limit: most, used, resetAt: null },
    },
  );
}
