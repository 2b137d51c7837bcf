import { expect, test } from 'vitest';
import type { Child, ChildEvents } from '../launchers/launcher.ts';
import { LaunchGate } from './launch-gate.ts';
import { LoadWatch, type Prepared, prepareChild, type StartupParts } from './startup.ts';

test('a run that takes a process has it before the next run looks, which waits for the other and starts none', async () => {
  const slots = 2;
  const [warm, taken]: [Prepared[], Prepared[]] = [[], []];
  let returning = slots;
  const launches = new LaunchGate();
  const serveAgain = () => {
    returning--;
    warm.push({ child: { attach: () => {} } as unknown as Child, output: { stdout: 0, stderr: 0 }, runsServed: 1 });
    launches.ring();
  };
  // Taking one is a change, upon which who waits looks again.
  const take = () => {
    const found = warm.pop() ?? null;
    if (found) launches.ring();
    return found;
  };
  const parts = {
    launches,
    warm: { take },
    coming: () => (warm.length + taken.length + returning < slots ? 0 : returning),
    isShort: () => false,
    hasRoom: () => true,
    launcher: { launch: () => Promise.reject(new Error('another was started')) },
  } as unknown as StartupParts;
  const prepare = () =>
    prepareChild(
      parts,
      { digest: 'd', source: {}, variables: {}, startTimeoutMs: 1_000 } as never,
      0,
      {} as ChildEvents,
      new LoadWatch(),
      (prepared) => taken.push(prepared),
      new AbortController().signal,
    );
  const both = [prepare(), prepare()];
  serveAgain();
  serveAgain();
  await Promise.all(both);
  expect(taken).toHaveLength(2);
});
