/**
 * The sweep over the whole end-to-end suite: each system that a test starts is looked through before it is taken down, for what is
 * secret about it and for whatever looks like a secret of ours. One JSON line a system.
 */
import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, mkdtempSync, readFileSync } from 'node:fs';
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

/** Runs the suite and sums up. Its own outcome counts too: what did not run was not swept. */
export async function sweepSuite(args: readonly string[]): Promise<Record<string, number>> {
  const file = join(mkdtempSync(join(tmpdir(), 'signalbox-sweep-')), 'lines');
  const code = await new Promise<number>((resolve) => {
    const child = spawn(process.execPath, [join(ROOT, 'node_modules/vitest/vitest.mjs'), 'run', '--project', 'e2e', ...args], {
      cwd: ROOT,
      stdio: ['ignore', process.stderr, 'inherit'],
      env: { ...process.env, SIGNALBOX_SWEEP: file },
    });
    child.once('close', (exit) => resolve(exit ?? 1));
  });
  const lines = existsSync(file)
    ? readFileSync(file, 'utf8')
        .trim()
        .split('\n')
        .map((text) => JSON.parse(text) as Line)
    : [];
  const swept = lines.flatMap((line) => (line.swept ? [line.swept] : []));
  for (const { skipped } of lines) if (skipped) console.error(`a system was not swept: ${skipped}`);
  for (const { kind, place } of swept.flatMap(({ hits }) => hits)) console.error(`FOUND: the ${kind} in ${place}`);
  const sum = (of: (each: Swept) => number) => swept.reduce((total, each) => total + of(each), 0);
  return {
    systems: swept.length,
    // Those in which what must be found was not.
    unproved: swept.filter(({ controlIn }) => controlIn.length === 0).length,
    skipped: lines.length - swept.length,
    rows: sum(({ rows }) => rows),
    files: sum(({ files }) => files),
    metrics: sum(({ metrics }) => metrics),
    errorBodies: sum(({ errorBodies }) => errorBodies),
    failed: code === 0 ? 0 : 1,
    hits: sum(({ hits }) => hits.length),
  };
}
