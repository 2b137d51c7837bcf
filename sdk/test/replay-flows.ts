/** A flow of 200 task runs in every shape: in a row, submitted, mapped, nested, in sub-flows; each says where it ran. */
import { appendFileSync } from 'node:fs';
import { flow, runContext, task } from '../src/index.ts';

/** Where every execution of a task's function leaves a line: `<epoch> <step> begun|done`. */
function witness(what: 'begun' | 'done'): void {
  const { run, task: own } = runContext();
  appendFileSync(process.env.REPLAY_WITNESS ?? '/dev/null', `${run.epoch} ${own?.key} ${what}\n`);
}

async function work<R>(make: () => R): Promise<R> {
  witness('begun');
  await new Promise((resolve) => setTimeout(resolve, Math.random() * 3));
  const made = make();
  witness('done');
  return made;
}

const seed = task('seed', () => work(() => ({ at: new Date(0), numbers: new Map([['first', 1n]]) })));
const step = task('step', (n: number) => work(() => n + 1));
const square = task('square', (n: number) => work(() => ({ n, square: BigInt(n) * BigInt(n), at: new Date(n) })));
const large = task('large', (n: number) => work(() => Buffer.alloc(70_000, n)));
const inner = task('inner', (n: number) => work(() => [n, Number.NaN, undefined]));
const outer = task('outer', (n: number) => work(() => n).then(async (m) => [await inner(m), await inner(m + 1)]));
const part = flow('part', async ({ from }: { from: number }) => {
  const futures = Array.from({ length: 9 }, (_, i) => step.submit(from + i));
  return (await Promise.all(futures)).reduce((a, b) => a + b, 0);
});

export const twoHundred = flow('two-hundred', async () => {
  const { numbers } = await seed();
  let count = Number(numbers.get('first'));
  for (let i = 0; i < 39; i++) count = await step(count);
  const squares = await square.map(
    Array.from({ length: 111 }, (_, i) => i),
    { concurrency: 8 },
  );
  const parts = await Promise.all([part({ from: 0 }), part({ from: 100 })]);
  const nested = await outer.map([10, 20, 30, 40, 50, 60, 70, 80, 90], { concurrency: 3 });
  const buffers = await large.map([1, 2, 3, 4], { concurrency: 2 });
  const total = squares.reduce((sum, { square: n }) => sum + n, 0n);
  const bytes = buffers.map((buffer) => Buffer.isBuffer(buffer) && buffer.length + (buffer[0] ?? 0));
  return { count, total: String(total), parts, nested: JSON.stringify(nested), bytes, days: squares.every(({ at }) => at instanceof Date) };
});
