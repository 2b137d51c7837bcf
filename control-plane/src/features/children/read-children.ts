/** Which of the runs that a flow waits for have ended. */
import { toId, toUuid } from '@signalbox/proto';
import type { EndedChild, ReadChildrenReply } from '@signalbox/proto/messages';
import { inWorkspaces } from '../../platform/transaction.ts';
import type { Caller, CallsCtx, OpOf } from '../calls/index.ts';
import { type EndedRow, readRuns, stateOf } from './store/children.ts';
import { requireHeld } from './store/parent.ts';

/** Of an answer; the rest comes with the next one. A result has at most 64 KB. */
const REPLY_MAX_BYTES = 120 * 1024;

export async function readChildren(ctx: CallsCtx, caller: Caller, op: OpOf<'children.read'>): Promise<ReadChildrenReply> {
  const asked = op.runs.map(({ run, key }) => ({ runId: toUuid('run', run), key: key ?? null }));
  const found = await inWorkspaces(ctx.db.reportSql, [caller.workspaceId], async (sql) => {
    await requireHeld(sql, caller);
    return readRuns(sql, caller.runId, asked);
  });
  const known = new Set(found.map(({ runId }) => runId));
  const ended: EndedChild[] = [];
  let bytes = 0;
  for (const { ended: row } of found) {
    if (!row) continue;
    const child = show(row);
    bytes += Buffer.byteLength(JSON.stringify(child));
    if (ended.length > 0 && bytes > REPLY_MAX_BYTES) break;
    ended.push(child);
  }
  return { ended, gone: asked.filter(({ runId }) => !known.has(runId)).map(({ runId }) => toId('run', runId)) };
}

function show(row: EndedRow): EndedChild {
  return { run: toId('run', row.runId), runName: row.name, state: stateOf(row), result: row.result, failure: row.failure };
}
