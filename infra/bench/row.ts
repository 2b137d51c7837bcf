import { median, quantile } from './statistics.ts';

/** One line of the table: ours beside a peer or a floor that ran in the same run. */
export type Row = {
  readonly scenario: string;
  readonly metric: string;
  readonly unit: string;
  readonly ours: number;
  /** What `theirs` is: a peer with its version, or a floor. */
  readonly against: string;
  readonly theirs: number;
  /** ours / theirs. */
  readonly ratio: number;
};

export function row(scenario: string, metric: string, unit: string, ours: number, against: string, theirs: number): Row {
  return { scenario, metric, unit, ours: rounded(ours), against, theirs: rounded(theirs), ratio: rounded(ours / theirs) };
}

/** p50 and p99 of two samples. */
export function quantileRows(
  scenario: string,
  unit: string,
  ours: readonly number[],
  against: string,
  theirs: readonly number[],
  of = '',
): Row[] {
  return [0.5, 0.99].map((q) => row(scenario, `${of}p${q * 100}`, unit, quantile(ours, q), against, quantile(theirs, q)));
}

/** A target of ours as the other side: a ratio up to 1 keeps it. */
export function budgetRow(scenario: string, metric: string, unit: string, ours: number, target: number): Row {
  return row(scenario, metric, unit, ours, 'target', target);
}

/** Medians over rounds, line by line. @throws when rounds answered other lines. */
export function medianRows(rounds: readonly (readonly Row[])[]): Row[] {
  const [first = [], ...others] = rounds;
  return first.map((line, index) => {
    const all = [line, ...others.map((round) => round[index])].map((other) => {
      if (other?.metric !== line.metric || other.against !== line.against) throw new Error(`a round has no line "${line.metric}"`);
      return other;
    });
    return row(line.scenario, line.metric, line.unit, median(all.map((r) => r.ours)), line.against, median(all.map((r) => r.theirs)));
  });
}

/** Three significant digits: more would claim a precision that a shared machine does not have. */
function rounded(value: number): number {
  return Number(value.toPrecision(3));
}

/** The table as text, columns aligned. */
export function table(rows: readonly Row[]): string {
  const head = ['scenario', 'metric', 'ours', 'against', 'theirs', 'ours/theirs'];
  const body = rows.map((r) => [r.scenario, r.metric, `${r.ours} ${r.unit}`, r.against, `${r.theirs} ${r.unit}`, r.ratio.toFixed(2)]);
  const widths = head.map((title, column) => Math.max(title.length, ...body.map((cells) => cells[column]?.length ?? 0)));
  const line = (cells: string[]) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join('\n');
}
