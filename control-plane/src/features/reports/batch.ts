/** A batch as it arrived: which agent, which channel, and each entry parsed by itself. */
import { type ErrorCode, toUuid } from '@signalbox/proto';
import { bulkEntrySchema, type Report, type ReportEntry, reportSchema, stateEntrySchema } from '@signalbox/proto/messages';
import type { AgentAddress } from '../../platform/bus.ts';
import { issuesOf } from '../../platform/classify-error.ts';
import { describeIssue, invalidInput, preconditionFailed } from '../../platform/errors.ts';
import { DEEPEST_JSON, isDeeperThan } from '../../platform/storable.ts';

export type Channel = 'state' | 'bulk';

export type Refusal = { readonly code: ErrorCode; readonly message: string };

/** An entry at its position. A poison one carries its refusal and stops no other. */
export type BatchEntry = { readonly n: number; readonly raw: unknown } & (
  | { readonly entry: ReportEntry; readonly runId: string; readonly refusal?: undefined }
  | { readonly refusal: Refusal; readonly entry?: undefined }
);

export type Batch = {
  readonly from: Pick<AgentAddress, 'workspaceId' | 'agentId'>;
  readonly channel: Channel;
  readonly spoolId: string;
  readonly session: number;
  /** First position the agent still keeps, when it says so. */
  readonly oldest?: number | undefined;
  /** A claim to be carried out when these reports let a run of the pool go on. */
  readonly claim?: Report['claim'];
  /** Positions ascend by one; never empty. */
  readonly entries: readonly BatchEntry[];
  /** Length of the message it came in. */
  readonly bytes: number;
  /** When it came, on this process's monotonic clock. */
  readonly receivedAtMs: number;
};

/**
 * Parses a message of an agent.
 * @throws INVALID_INPUT when it is no batch, PRECONDITION_FAILED when its positions have a gap.
 */
export function parseBatch(from: Batch['from'], channel: Channel, body: unknown, bytes: number): Batch {
  const receivedAtMs = performance.now();
  const report = reportSchema.safeParse(body);
  if (!report.success) throw invalidInput(issuesOf(report.error, body));
  const { entries, session, spoolId, oldest, claim } = report.data;
  const first = firstPosition(entries);
  const schema = channel === 'state' ? stateEntrySchema : bulkEntrySchema;
  const runIds = new Map<string, string>();
  const uuidOf = (run: string) => runIds.get(run) ?? runIds.set(run, toUuid('run', run)).get(run) ?? '';

  const parsed = entries.map((raw, index): BatchEntry => {
    const n = first + index;
    if (isDeeperThan(raw, DEEPEST_JSON))
      return { n, raw, refusal: { code: 'INVALID_INPUT', message: `nested deeper than ${DEEPEST_JSON} levels` } };
    const entry = schema.safeParse(raw);
    if (entry.success) return { n, raw, entry: entry.data, runId: uuidOf(entry.data.run) };
    const [issue] = issuesOf(entry.error, raw);
    return { n, raw, refusal: { code: 'INVALID_INPUT', message: issue ? describeIssue(issue) : 'not a report entry' } };
  });
  return { from, channel, spoolId, session, oldest, claim, entries: parsed, bytes, receivedAtMs };
}

/** Positions count without gaps, so one readable position tells all, those of poison entries included. */
function firstPosition(entries: readonly unknown[]): number {
  const positions = entries.map(positionOf);
  const known = positions.findIndex((n) => n !== null);
  const first = (positions[known] ?? 0) - known;
  if (known < 0 || first < 1) throw invalidInput([{ field: 'entries.0.n', expected: 'a position, counted from 1' }]);
  const odd = positions.findIndex((n, index) => n !== null && n !== first + index);
  if (odd >= 0) {
    throw preconditionFailed(`The batch has a gap: position ${first + odd} expected, got ${positions[odd]}.`, {
      reason: 'gap',
      expected: first + odd,
    });
  }
  return first;
}

function positionOf(raw: unknown): number | null {
  const n = typeof raw === 'object' && raw !== null ? (raw as { n?: unknown }).n : null;
  return Number.isSafeInteger(n) ? (n as number) : null;
}
