import type { Usage, UsageHistory } from '@signalbox/proto/api';
import type { Context } from '../../context.ts';
import { instant, relative } from '../../output/time.ts';

interface Options {
  by?: 'hour' | 'day';
  days?: number;
}
type Row = Usage['kinds'][number]['limits'][number] & { kind: string; refused: number | null };

const WORDS: Readonly<Record<string, string>> = {
  apiCalls: 'API calls',
  events: 'events',
  logBytes: 'bytes of logs',
  runs: 'new runs',
  agents: 'agents',
};
const SPANS = { minute: 'a minute', day: 'a day', now: 'at once' } as const;
const BAR = 20;

export async function showUsage(context: Context, options: Options): Promise<void> {
  if (options.by || options.days) return showHistory(context, options);
  const usage = await (await context.client()).usage.get.query();
  if (context.json) return context.printJson(usage);
  const nowMs = context.host.now();
  const rows = usage.kinds.flatMap(({ kind, limits, refusedToday }): Row[] =>
    limits.map((limit) => ({ ...limit, kind: WORDS[kind] ?? kind, refused: limit.span === 'day' ? refusedToday : null })),
  );
  context.printTable(
    rows,
    [
      { header: 'USES', value: (row) => `${row.kind} ${SPANS[row.span]}`, min: 12 },
      { header: '', value: (row) => bar(row), drop: 2 },
      { header: 'USED', value: (row) => String(row.used) },
      { header: 'OF', value: (row) => (row.most === null ? 'unlimited' : String(row.most)) },
      { header: 'REFUSED TODAY', value: (row) => (row.refused === null ? '-' : String(row.refused)) },
      { header: 'ALL AGAIN', value: (row) => (row.resetAt && row.used > 0 ? relative(row.resetAt, nowMs) : '-'), drop: 1 },
      { header: 'SET BY', value: (row) => (row.reason ? `${row.source}: ${row.reason}` : row.source), drop: 3 },
    ],
    'Nothing is counted.',
  );
}

async function showHistory(context: Context, { by = 'hour', days }: Options): Promise<void> {
  const history: UsageHistory = await (await context.client()).usage.history.query({ by, days: days ?? (by === 'day' ? 30 : 1) });
  if (context.json) return context.printJson(history);
  const nowMs = context.host.now();
  context.printTable(
    history.items,
    [
      { header: 'FROM', value: (row) => instant(row.at, nowMs) ?? '-' },
      { header: 'USES', value: (row) => WORDS[row.kind] ?? row.kind, min: 10 },
      { header: 'USED', value: (row) => String(row.used) },
      { header: 'REFUSED', value: (row) => String(row.refused) },
    ],
    'Nothing was used.',
  );
}

function bar({ used, most }: Row): string {
  if (most === null) return '';
  const filled = Math.min(BAR, Math.ceil((used / most) * BAR));
  return `${'#'.repeat(filled)}${'.'.repeat(BAR - filled)}`;
}
