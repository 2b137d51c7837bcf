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
