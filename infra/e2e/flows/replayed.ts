/**
 * A flow for tests of replay: twenty tasks note each call in `folder`, and in the middle it ends as the file `end` there
 * says: `throw`, or `die` for a process that is killed. What ends it removes the file first, so the next attempt goes on.
 */
import { appendFileSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { defineDeployments, flow, runContext, task } from '@signalbox/sdk';
import { z } from 'zod';

const square = task('square', (n: number, folder: string) => {
  appendFileSync(join(folder, 'calls'), `${runContext().run.attempt} ${n}\n`);
  return { n, squared: BigInt(n) * BigInt(n), at: new Date(n) };
});

export const replayed = flow({ name: 'replayed', parameters: z.object({ folder: z.string() }), retries: 1 }, async ({ folder }) => {
  const first = await square.map([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], folder);
  endAsAsked(join(folder, 'end'));
  const rest = await square.map([11, 12, 13, 14, 15, 16, 17, 18, 19, 20], folder);
  const all = [...first, ...rest];
  return { sum: String(all.reduce((sum, { squared }) => sum + squared, 0n)), dates: all.every(({ at }) => at instanceof Date) };
});

function endAsAsked(file: string): void {
  let how: string;
  try {
    how = readFileSync(file, 'utf8');
    rmSync(file);
  } catch {
    return;
  }
  if (how === 'die') process.kill(process.pid, 'SIGKILL');
  throw new Error('as asked');
}

export const deployments = defineDeployments([replayed.deployment({ name: 'test', pool: 'local' })]);
