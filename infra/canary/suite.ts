/**
 * The sweep over the whole end-to-end suite, file by file: each system that a test starts is looked through before it is taken down, for
 * what is secret about it and for whatever looks like a secret of ours. One JSON line a system.
 */
import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../dev/paths.ts';
import type { System } from '../test-support/system.ts';
import { OWNER_EMAIL } from '../test-support/system.ts';
import { canariesOf, mistakes, secretsOf } from './plant.ts';
import { type Swept, sweep } from './sweep.ts';

type Line = { readonly swept?: Swept; readonly skipped?: string };

/** Called when a system is about to go. Never fails the test: a system whose database is down is said to be skipped. */
export async function sweepAtEnd(system: System, agentEnv: NodeJS.ProcessEnv, file: string): Promise<void> {
  let line: Line;
  try {
    const canaries = [...canariesOf(agentEnv), ...secretsOf(system)];
    line = { swept: await sweep(system, { canaries, errorBodies: await mistakes(system, canaries), control: OWNER_EMAIL }) };
  } catch (error) {
    line = { skipped: (error as Error).message };
  }
  appendFileSync(file, `${JSON.stringify(line)}\n`);
}

/** What was looked through while some files of the suite ran. */
export type SuiteSweep = {
  readonly systems: number;
  /** Systems in which what must be found was not. */
  readonly unproved: number;
  /** Systems that could not be looked through. */
  readonly skipped: number;
  readonly rows: number;
  readonly files: number;
  readonly metrics: number;
  readonly errorBodies: number;
  /** Files of the suite that failed: what did not run was not swept. */
  readonly failed: number;
  readonly hits: number;
};

const NOTHING: SuiteSweep = { systems: 0, unproved: 0, skipped: 0, rows: 0, files: 0, metrics: 0, errorBodies: 0, failed: 0, hits: 0 };

/** Runs the files of the suite one by one (`names`: those whose path holds one of them) and sums up. One that fails is run once more. */
export async function sweepSuite(names: readonly string[]): Promise<SuiteSweep> {
  const suite = readdirSync(join(ROOT, 'infra/e2e'))
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => `infra/e2e/${file}`)
    .filter((file) => names.length === 0 || names.some((name) => file.includes(name)))
    .sort();
  let total = NOTHING;
  for (const [index, file] of suite.entries()) {
    let swept = await sweepFile(file);
    // What the first go found counts all the same.
    if (swept.failed > 0) swept = sum({ ...swept, failed: 0 }, await sweepFile(file));
    total = sum(total, swept);
    console.error(`${index + 1} of ${suite.length}, ${file}: ${JSON.stringify(swept)}`);
  }
  return total;
}

async function sweepFile(test: string): Promise<SuiteSweep> {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-sweep-'));
  const file = join(folder, 'lines');
  try {
    const code = await new Promise<number>((resolve) => {
      const child = spawn(process.execPath, [join(ROOT, 'node_modules/vitest/vitest.mjs'), 'run', '--project', 'e2e', test], {
        cwd: ROOT,
        stdio: ['ignore', process.stderr, 'inherit'],
        env: { ...process.env, SIGNALBOX_SWEEP: file },
      });
      child.once('close', (exit) => resolve(exit ?? 1));
    });
    const text = existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
    const lines = text === '' ? [] : text.split('\n').map((line) => JSON.parse(line) as Line);
    return lines.map(told).reduce(sum, { ...NOTHING, failed: code === 0 ? 0 : 1 });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function told({ swept, skipped }: Line): SuiteSweep {
  if (!swept) {
    console.error(`a system was not swept: ${skipped}`);
    return { ...NOTHING, skipped: 1 };
  }
  for (const { kind, place } of swept.hits) console.error(`FOUND: the ${kind} in ${place}`);
  const { rows, files, metrics, errorBodies, hits, controlIn } = swept;
  const unproved = controlIn.length === 0 ? 1 : 0;
  return { systems: 1, unproved, skipped: 0, rows, files, metrics, errorBodies, failed: 0, hits: hits.length };
}

function sum(one: SuiteSweep, other: SuiteSweep): SuiteSweep {
  const keys = Object.keys(NOTHING) as (keyof SuiteSweep)[];
  return Object.fromEntries(keys.map((key) => [key, one[key] + other[key]])) as SuiteSweep;
}
