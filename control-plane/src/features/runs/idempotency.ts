/** One run a key: same key and same body answer the run made before, another body is a conflict. */
import { createHash } from 'node:crypto';
import { toId } from '@signalbox/proto';
import type { createRunInput } from '@signalbox/proto/api';
import type { z } from 'zod';
import { conflict } from '../../platform/errors.ts';
import type { Sql } from '../../platform/sql.ts';

type Claim = { workspaceId: string; deploymentId: string; key: string; bodyHash: Uint8Array<ArrayBuffer>; runId: string };

/** Of what the requester said, whatever the order of the fields. */
export function hashBody(input: Omit<z.output<typeof createRunInput>, 'deployment' | 'idempotencyKey'>): Uint8Array<ArrayBuffer> {
  const { parameters, name, tags, dueAt, variables, queue } = input;
  // What was not said leaves no trace: keys of requests that know less of these fields keep their hash.
  return new Uint8Array(createHash('sha256').update(canonical({ parameters, name, tags, dueAt, variables, queue })).digest());
}

/**
 * Null: the key is ours now. Else the run that was made with it before.
 * The insert waits for a transaction that holds the same key, so two requests at once make one run.
 * @throws CONFLICT for another body.
 */
export async function claimKey(sql: Sql, claim: Claim, retentionClass: string): Promise<string | null> {
  const { workspaceId, deploymentId, key, bodyHash, runId } = claim;
  // Kept for the later of a day and the record's life; an expired key is taken over in place.
  const days = Number(retentionClass.slice(1));
  const ours = await sql.query(
    `INSERT INTO idempotency_key AS k (workspace_id, deployment_id, key, body_hash, run_id, expires_at)
     VALUES ($1::uuid, $2::uuid, $3, $4::bytea, $5::uuid, now() + make_interval(days => greatest(1, $6::int)))
     ON CONFLICT (workspace_id, deployment_id, key) DO UPDATE
       SET body_hash = excluded.body_hash, run_id = excluded.run_id, expires_at = excluded.expires_at WHERE k.expires_at <= now()
     RETURNING key`,
    [workspaceId, deploymentId, key, bodyHash, runId, days],
  );
  if (ours.length > 0) return null;
  const [before] = await sql.query<{ bodyHash: Uint8Array; runId: string }>(
    `SELECT body_hash AS "bodyHash", run_id AS "runId" FROM idempotency_key WHERE workspace_id = $1::uuid AND deployment_id = $2::uuid AND key = $3`,
    [workspaceId, deploymentId, key],
  );
  if (!before) throw new Error("an idempotency key is neither ours nor anybody's");
  if (Buffer.compare(before.bodyHash, bodyHash) === 0) return before.runId;
  throw conflict(
    `Idempotency key "${key}" was used for ${toId('run', before.runId)} with other parameters, name, tags, variables, queue or due instant.`,
    {
      run: toId('run', before.runId),
    },
  );
}

/** JSON whose text does not depend on the order of fields. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
