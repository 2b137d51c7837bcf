import { toId, toUuid } from '@signalbox/proto';
import type { runRefInput, StoredArtifact } from '@signalbox/proto/api';
import type { z } from 'zod';
import type { Tx } from '../../platform/db.ts';
import { retentionClassOf } from '../../platform/run-partition.ts';
import { sqlOfTx } from '../../platform/sql.ts';
import { readArtifacts } from './store.ts';

/** Artifacts that one answer holds; a run with more shows its newest. */
const MOST = 200;

/** Artifacts of a run over all its attempts, oldest first. */
export async function listArtifacts(
  tx: Tx,
  workspaceId: string,
  input: z.output<typeof runRefInput>,
): Promise<{ items: StoredArtifact[] }> {
  const sql = sqlOfTx(tx);
  const runId = toUuid('run', input.run);
  const rows = await readArtifacts(sql, await retentionClassOf(sql, workspaceId, runId), runId, MOST);
  return {
    items: rows.map((row) => ({
      id: toId('artifact', row.id),
      epoch: Number(row.epoch),
      kind: row.kind as StoredArtifact['kind'],
      key: row.key,
      description: row.description,
      data: row.data,
      taskOrdinal: row.task_ordinal,
      createdAt: row.created_at.toISOString(),
      updatedAt: row.updated_at.toISOString(),
    })),
  };
}
