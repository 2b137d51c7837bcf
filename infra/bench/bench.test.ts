import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { readOptions } from './options.ts';
import { budgetRow, medianRows, row, table } from './row.ts';
import type { Scenario } from './scenario.ts';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));
const rowSchema = z.strictObject({
  scenario: z.string().min(1),
  metric: z.string().min(1),
  unit: z.string().min(1),
  ours: z.number(),
  against: z.string().min(1),
  theirs: z.number(),
  ratio: z.number(),
});

test('--json answers rows of ours beside theirs, and nothing else on standard output', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [MAIN, '--tiny', '--json', '--only', 'task-overhead']);
  const rows = z.array(rowSchema).parse(JSON.parse(stdout));
  expect(new Set(rows.map(({ scenario }) => scenario))).toEqual(
    new Set(['a task without a server', '1 flow, 100 mapped tasks', 'import of the SDK']),
  );
}, 20_000);

const scenarios: Record<string, Scenario> = {
  one: { about: 'the first', run: async () => [] },
  two: { about: 'the second', run: async () => [] },
};

test('an option that is not understood says which, and exits with 2', () => {
  expect(readOptions(['--only', 'three'], scenarios)).toEqual({ say: '--only: no scenario "three"; known: one, two\n', code: 2 });
  expect(readOptions(['--repeat', 'often'], scenarios)).toEqual({
    say: '--repeat: "often" is not a whole number from 1 to 100\n',
    code: 2,
  });
  expect(readOptions(['--fast'], scenarios)).toMatchObject({ say: expect.stringContaining("'--fast'"), code: 2 });
});

test('all scenarios run three times, unless it is to be quick or some are named', () => {
  expect(readOptions([], scenarios)).toMatchObject({
    size: 'full',
    repeat: 3,
    chosen: [
      ['one', scenarios['one']],
      ['two', scenarios['two']],
    ],
  });
  expect(readOptions(['--quick'], scenarios)).toMatchObject({ size: 'quick', repeat: 1 });
  expect(readOptions(['--only', 'two,one', '--repeat', '2'], scenarios)).toMatchObject({
    repeat: 2,
    chosen: [
      ['two', scenarios['two']],
      ['one', scenarios['one']],
    ],
  });
});

test('--list names each scenario with what it measures', () => {
  expect(readOptions(['--list'], scenarios)).toEqual({ say: `${'one'.padEnd(16)}the first\n${'two'.padEnd(16)}the second\n`, code: 0 });
});

test('a round is summed up line by line, by its median', () => {
  const round = (ms: number) => [row('s', 'p50', 'ms', ms, 'peer', 2 * ms), budgetRow('s', 'p50', 'ms', ms, 10)];
  expect(medianRows([round(3), round(1), round(2)])).toEqual(round(2));
  expect(() => medianRows([round(3), []])).toThrow('a round has no line "p50"');
  expect(table(round(2))).toContain('s         p50     2 ms  target   10 ms   0.20');
});
