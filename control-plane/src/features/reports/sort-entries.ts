/** Sorts the new entries of a group by where they are written. Pure. */
import type { ArtifactRow } from '../artifacts/index.ts';
import type { LogRow } from '../logs/index.ts';
import type { TaskRunRow } from '../task-runs/index.ts';
import type { Admitted } from './admit.ts';
import type { BatchEntry, Refusal } from './batch.ts';
import { lateNote, type MoveEntry } from './intents.ts';
import { type Facts, standingOf } from './ownership.ts';
import type { LateMove } from './store/late-moves.ts';
import type { RefusedEntry } from './store/refused.ts';

/** Where an entry came from, to answer for it. */
export type Origin = { readonly admitted: Admitted; readonly item: BatchEntry };
export type Move = { readonly origin: Origin; readonly runId: string; readonly entry: MoveEntry; readonly retentionClass: string };

/** Everything a group writes. */
export type Writes = {
  readonly taskRuns: TaskRunRow[];
  readonly logs: LogRow[];
  readonly artifacts: ArtifactRow[];
  /** Told by the owner; those of one run in the order told. */
  readonly moves: Move[];
  readonly lateMoves: LateMove[];
  readonly refused: RefusedEntry[];
};

export function sortEntries(admitted: readonly Admitted[], facts: Facts): Writes {
  const writes: Writes = { taskRuns: [], logs: [], artifacts: [], moves: [], lateMoves: [], refused: [] };
  for (const one of admitted) for (const item of one.fresh) sortEntry(writes, { admitted: one, item }, facts);
  return writes;
}

function sortEntry(writes: Writes, origin: Origin, facts: Facts): void {
  const { item } = origin;
  if (item.refusal) {
    refuse(writes, origin, item.refusal);
    return;
  }
  const { entry, runId } = item;
  const { from } = origin.admitted.batch;
  const standing = standingOf(from, runId, entry.epoch, facts);
  if (standing.kind === 'refused') {
    refuse(writes, origin, standing.refusal);
    return;
  }
  const { retentionClass } = standing;
  const { workspaceId } = from;
  switch (entry.type) {
    case 'task.state':
      writes.taskRuns.push({ retentionClass, workspaceId, runId, entry, isLate: standing.kind === 'record' });
      return;
    case 'logs':
      writes.logs.push({ retentionClass, workspaceId, runId, epoch: entry.epoch, n: entry.n, at: entry.at, lines: entry.lines });
      return;
    case 'artifact':
      writes.artifacts.push({ retentionClass, workspaceId, runId, entry });
      return;
    default: {
      const move: Move = { origin, runId, entry, retentionClass };
      if (standing.kind === 'owner') writes.moves.push(move);
      else keepAsRecord(writes, move);
    }
  }
}

/** What comes after the end of its epoch: a note on the attempt. */
export function keepAsRecord(writes: Writes, { runId, entry, retentionClass }: Move): void {
  const startedAt = entry.type === 'run.started' ? entry.at : null;
  writes.lateMoves.push({ retentionClass, runId, epoch: entry.epoch, startedAt, note: lateNote(entry) });
}

/** Answers the agent, and sets the entry aside; what is over a limit is counted alone, or refusing it would cost what storing it does. */
export function refuse(writes: Writes, { admitted, item }: Origin, refusal: Refusal): void {
  const { batch, exceptions } = admitted;
  exceptions.push({ n: item.n, verdict: 'refused', ...refusal });
  if (refusal.code !== 'LIMIT_EXCEEDED') writes.refused.push({ ...batch.from, channel: batch.channel, n: item.n, refusal, raw: item.raw });
}
