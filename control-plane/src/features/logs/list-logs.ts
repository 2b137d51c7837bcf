import { toUuid } from '@signalbox/proto';
import type { listLogsInput, logPageSchema, StoredLogLine } from '@signalbox/proto/api';
import { LOG_LEVELS } from '@signalbox/proto/messages';
import type { z } from 'zod';
import type { Tx } from '../../platform/db.ts';
import { invalidInput, shorten } from '../../platform/errors.ts';
import { retentionClassOf } from '../../platform/run-partition.ts';
import { sqlOfTx } from '../../platform/sql.ts';
import { readEntries } from './store.ts';

/** Entries read at a time: a page of default size out of well-filled entries takes one read. */
const ENTRIES_AT_A_TIME = 20;

type Place = { readonly epoch: number; readonly n: number; readonly index: number };

/**
 * Lines of a run over all its attempts, ascending by position `<epoch>.<n>.<index>`. `next` is null when none is left
 * for now; a reader that follows asks again after the last position it saw.
 */
export async function listLogs(
  tx: Tx,
  workspaceId: string,
  input: z.output<typeof listLogsInput>,
): Promise<z.output<typeof logPageSchema>> {
  const sql = sqlOfTx(tx);
  const runId = toUuid('run', input.run);
  const retentionClass = await retentionClassOf(sql, workspaceId, runId);
  const minLevel = input.minLevel ? LOG_LEVELS.indexOf(input.minLevel) : 0;
  const after = input.after === undefined ? null : parsePlace(input.after);
  const lines: StoredLogLine[] = [];

  let from = { epoch: after?.epoch ?? 0, n: after?.n ?? 0 };
  for (;;) {
    const entries = await readEntries(sql, { retentionClass, runId, from, minLevel, limit: ENTRIES_AT_A_TIME });
    for (const entry of entries) {
      for (const [index, line] of entry.lines.entries()) {
        const seen = after !== null && entry.epoch === after.epoch && entry.n === after.n && index <= after.index;
        if (seen || LOG_LEVELS.indexOf(line.level) < minLevel) continue;
        // One line past the page: there is a next one.
        if (lines.length === input.limit) return { lines, next: lines.at(-1)?.position ?? null };
        lines.push({ ...line, epoch: entry.epoch, position: `${entry.epoch}.${entry.n}.${index}` });
      }
    }
    const last = entries.at(-1);
    if (!last || entries.length < ENTRIES_AT_A_TIME) return { lines, next: null };
    from = { epoch: last.epoch, n: last.n + 1 };
  }
}

function parsePlace(text: string): Place {
  const [, epoch, n, index] = /^(\d{1,16})\.(\d{1,16})\.(\d{1,4})$/.exec(text) ?? [];
  if (epoch === undefined)
    throw invalidInput([{ field: 'after', expected: 'the position of a line', received: shorten(JSON.stringify(text)) }]);
  return { epoch: Number(epoch), n: Number(n), index: Number(index) };
}
