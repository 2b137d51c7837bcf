/** Logs over what a workspace may store: refused entry by entry before anything is asked of Postgres. States never are. */
import type { LogLine } from '@signalbox/proto/messages';
import { overLimit, type UsageMeter } from '../../platform/usage.ts';
import type { Batch, BatchEntry } from './batch.ts';

/** The batch, with logs that are over the limit refused; the others count as used. */
export function limitLogs(batch: Batch, usage: Pick<UsageMeter, 'check' | 'count'>): Batch {
  const { workspaceId } = batch.from;
  const entries = batch.entries.map((item): BatchEntry => {
    if (item.entry?.type !== 'logs') return item;
    const bytes = item.entry.lines.reduce((sum, line) => sum + bytesOf(line), 0);
    const excess = usage.check(workspaceId, 'logBytes', bytes);
    if (excess) return { n: item.n, raw: null, refusal: { code: 'LIMIT_EXCEEDED', message: overLimit('logBytes', excess).message } };
    usage.count(workspaceId, 'logBytes', bytes);
    return item;
  });
  return { ...batch, entries };
}

function bytesOf({ message, attributes }: LogLine): number {
  return Buffer.byteLength(message) + (attributes ? JSON.stringify(attributes).length : 0);
}
