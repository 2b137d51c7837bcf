/**
 * Overlays end by themselves: a loop takes away what is over and writes down what then holds, so that dispatch follows
 * within a second and a claim never looks at a clock. Correct with any number of replicas: the deployment's row is locked.
 */
import { toId, uuidv7 } from '@signalbox/proto';
import { writeAudit } from '../../platform/audit.ts';
import { type Db, retried, type Tx } from '../../platform/db.ts';
import { type Loop, type LoopLog, startLoop } from '../../platform/loop.ts';
import type { ShardLeases } from '../../platform/shards.ts';
import { type AfterCommitCtx, afterCommit } from '../dispatch/index.ts';
import { endOverlay, findEnding, readCurrentVersion } from './layers-store.ts';
import { materialize } from './materialize.ts';
import { lockDeployment } from './store.ts';

const EVERY_MS = 1_000;
const AT_A_TIME = 50;
const LOOP = 'overlays';

export type ExpiryDeps = {
  readonly db: Db;
  readonly bus: AfterCommitCtx['bus'];
  readonly shards: ShardLeases;
  readonly log: LoopLog & AfterCommitCtx['log'];
};

export function startOverlayExpiry(deps: ExpiryDeps): Loop {
  return startLoop({
    name: LOOP,
    everyMs: EVERY_MS,
    log: deps.log,
    run: async () => {
      if ((await deps.shards.hold(LOOP, 0)) === null) return;
      return (await expireOverlays(deps)) === AT_A_TIME ? 'again' : undefined;
    },
  });
}

/** Ends what is over, of up to 50 deployments; answers of how many. One that fails does not hold up the others. */
export async function expireOverlays(deps: Omit<ExpiryDeps, 'shards'>): Promise<number> {
  const due = await findEnding(deps.db.system, AT_A_TIME);
  let failed: unknown;
  for (const { deploymentId, workspaceId } of due) {
    try {
      const poolId = await retried(() => deps.db.system.$transaction((tx) => endOne(tx, workspaceId, deploymentId)));
      deps.bus.live(workspaceId, { kind: 'deployment', id: toId('deployment', deploymentId) });
      const wake = [{ kind: 'wake' as const, deploymentId }];
      await afterCommit(deps, poolId ? [...wake, { kind: 'offer', workspaceId, poolId }] : wake);
    } catch (error) {
      failed = error;
    }
  }
  if (failed !== undefined) throw failed;
  return due.length;
}

async function endOne(tx: Tx, workspaceId: string, deploymentId: string): Promise<string | null> {
  if (!(await lockDeployment(tx, deploymentId))) return null;
  const ended = (await endOverlay(tx, deploymentId)).sort((a, b) => (a.path < b.path ? -1 : 1));
  if (ended.length === 0) return null;
  const { id: versionId } = await readCurrentVersion(tx, deploymentId);
  const { poolId } = await materialize(tx, { workspaceId, id: deploymentId, versionId }, 'all');
  await writeAudit(tx, {
    workspaceId,
    actor: { kind: 'loop', id: null, name: 'overlay expiry' },
    action: 'deployment.overlay-expired',
    requestId: uuidv7(Date.now()),
    facts: { target: { kind: 'deployment', id: deploymentId }, before: { overlay: ended }, after: { overlay: [] } },
  });
  return poolId;
}
