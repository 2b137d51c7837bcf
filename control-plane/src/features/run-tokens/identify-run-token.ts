/** Which run a token speaks for, asked of the database at every request: it ends with the epoch. */
import { RUN_SCOPES, RUN_SCOPES_ON_OWN_DEPLOYMENT } from '../../domain/permissions.ts';
import { type StoredWorkspace, toWorkspace, WORKSPACE_COLUMNS } from '../../platform/access-rows.ts';
import type { Identity } from '../../platform/actor.ts';
import { recordRefusal } from '../../platform/audit.ts';
import { limitExceeded, unauthenticated } from '../../platform/errors.ts';
import type { Services } from '../../platform/services.ts';
import { tokenBuckets } from '../../platform/token-bucket.ts';
import { runTokensOf } from './token.ts';

const BAD_TOKEN = 'The run token is not valid: it ends when its run ends or is started anew.';

/** Refused tokens from one address: 60, then one a second. Many runs share an address. */
const failuresPerAddress = tokenBuckets({ capacity: 60, refillPerSecond: 1 });

type Row = StoredWorkspace & {
  run_name: string;
  deployment_id: string | null;
  /** Null: the token is good. */
  refused: 'earlier-epoch' | 'ended' | 'agent-revoked' | null;
};

/**
 * By primary keys. The run's record, so that one that has ended is told from one that never was; its dispatch row says who is at
 * work, under which epoch.
 */
const FIND = `SELECT r.name AS run_name, r.deployment_id, ${WORKSPACE_COLUMNS},
    CASE WHEN d.run_id IS NULL OR d.state_type NOT IN ('RUNNING', 'PAUSED', 'CANCELLING') THEN 'ended'
         WHEN d.epoch <> $3::bigint THEN 'earlier-epoch'
         WHEN a.id IS NULL OR a.revoked_at IS NOT NULL OR a.quarantined_at IS NOT NULL THEN 'agent-revoked' END AS refused
  FROM run r JOIN workspace w ON w.id = r.workspace_id JOIN organization o ON o.id = w.organization_id
  LEFT JOIN run_dispatch d ON d.run_id = r.id LEFT JOIN agent a ON a.id = d.agent_id
 WHERE r.id = $1::uuid AND r.workspace_id = $2::uuid`;

/** @throws UNAUTHENTICATED for a token that is not ours, or whose epoch is over; LIMIT_EXCEEDED for too many of them. */
export async function identifyRunToken(
  { db, settings, log }: Pick<Services, 'db' | 'settings' | 'log'>,
  token: string,
  from: { readonly address: string; readonly requestId: string },
): Promise<Identity> {
  const claims = await runTokensOf(settings.secret).verify(token);
  const row = claims && (await db.systemSql.query<Row>(FIND, [claims.runId, claims.workspaceId, claims.epoch])).rows[0];
  if (!claims || !row || row.refused) {
    if (claims && row?.refused) {
      recordRefusal(
        { db, log },
        {
          action: 'run-token.use',
          actor: { kind: 'run', id: claims.runId, name: row.run_name, epoch: claims.epoch },
          target: { kind: 'run', id: claims.runId },
          organizationIds: [row.organization_id],
          workspaceId: row.id,
          ...from,
          details: { because: row.refused, epoch: claims.epoch },
        },
      );
    }
    const blockedMs = failuresPerAddress.take(from.address);
    if (blockedMs !== null) throw limitExceeded('Too many refused run tokens from your address.', { retryAfterMs: blockedMs });
    throw unauthenticated(BAD_TOKEN);
  }
  const { deployment_id: deploymentId } = row;
  const own = deploymentId ? [{ kind: 'deployment', id: deploymentId, scopes: new Set(RUN_SCOPES_ON_OWN_DEPLOYMENT) } as const] : [];
  return {
    actor: { kind: 'run', id: claims.runId, name: row.run_name, epoch: claims.epoch },
    expiresAt: null,
    organizations: [],
    workspaces: [{ ...toWorkspace(row), scopes: new Set(RUN_SCOPES), objects: own, role: 'run' }],
  };
}
