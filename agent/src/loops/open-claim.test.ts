import { expect, test, vi } from 'vitest';
import type { AgentParts } from '../agent-parts.ts';
import { monotonicMs } from '../bell.ts';
import { ClaimDesk } from './open-claim.ts';

const CLAIMED = {
  run: 'run_01m83cy2vgfd6vs02e73rfdf8b',
  epoch: 4294967297,
  name: 'x',
  attempt: 1,
  flow: { id: 'flow_01m83cy2vgfd6vs02e73rfdf8b', name: 'f' },
  deployment: { id: 'dep_01m83cy2vgfd6vs02e73rfdf8b', name: 'd' },
  digest: 'd1',
  source: { kind: 'module', module: 'm', exportName: 'x' },
  launcher: 'process',
  variables: {},
  isolation: 'reuse',
  tags: [],
  dueAt: '2026-11-23T05:00:00.000Z',
  dueInMs: 0,
  timeoutMs: null,
  graceMs: 30_000,
  startTimeoutMs: 60_000,
  retry: { retries: 0, delaysMs: [] },
  granted: true,
};

function agent(free = 3) {
  const taken: { runs: number; grantedFromMs: number }[] = [];
  const standing: ((ok: unknown) => void)[] = [];
  const runs = {
    free,
    claiming: 0,
    warmSoon: () => [],
    take: async (given: unknown[], grantedFromMs: number) => void taken.push({ runs: given.length, grantedFromMs }),
  };
  const channel = {
    stand(_body: object, _answerBy: string, onAnswer: (ok: unknown) => void) {
      standing.push(onAnswer);
      return () => {};
    },
  };
  const parts = { runs, channel, status: { timeline: 1 }, doorbell: { look: vi.fn() }, log: { error() {} } } as unknown as AgentParts;
  return { parts, runs, taken, standing, desk: new ClaimDesk() };
}
const STANCE = { pool: 'pool', waitMs: 5_000, answerBy: 'command', onRenew: () => {} } as const;
const reply = (heldMs?: number) => ({ runs: [CLAIMED], more: false, timeline: 1, ...(heldMs === undefined ? {} : { heldMs }) });

test('of all its messages the first answer counts: runs are taken once, and its slots are free again', async () => {
  const { parts, runs, taken, standing, desk } = agent();
  const claim = desk.open(parts, 1);
  const said = claim.say();
  if (!said) throw new Error('nothing was said');
  claim.stand(said, STANCE);
  expect([desk.open(parts, 1), runs.claiming]).toEqual([claim, 3]);
  standing[0]?.(reply(0));
  claim.answer(reply(0), said, monotonicMs());
  expect(await claim.outcome).toEqual({ count: 1, more: false, said, isRepeat: false });
  expect([taken.length, runs.claiming, desk.open(parts, 1) === claim]).toEqual([1, 0, false]);
});

test('permits count from the message that was carried out and what it waited; else from the first of its id', async () => {
  for (const heldMs of [400, undefined]) {
    const { parts, taken, desk } = agent();
    const claim = desk.open(parts, 1);
    const before = monotonicMs();
    const said = claim.say();
    if (!said) throw new Error('nothing was said');
    const firstSentBy = monotonicMs();
    const sentAtMs = firstSentBy + 1_000;
    claim.answer(reply(heldMs), said, sentAtMs);
    await claim.outcome;
    if (heldMs !== undefined) expect(taken).toEqual([{ runs: 1, grantedFromMs: sentAtMs + heldMs }]);
    else expect(taken[0]?.grantedFromMs).toSatisfy((ms: number) => ms >= before && ms <= firstSentBy);
  }
});

test('in another session another claim is open; without a free slot nothing is said', () => {
  const { parts, runs, desk } = agent();
  const claim = desk.open(parts, 1);
  claim.say();
  const other = desk.open(parts, 2);
  expect([claim.isOver, other === claim, runs.claiming]).toEqual([true, false, 0]);
  runs.free = 0;
  expect(other.say()).toBeNull();
});

test('a claim that stands and is sent to renew first stays open: what it is given later counts', async () => {
  const { parts, taken, standing, desk } = agent();
  const claim = desk.open(parts, 1);
  const said = claim.say();
  if (!said) throw new Error('nothing was said');
  const onRenew = vi.fn();
  claim.stand(said, { ...STANCE, onRenew });
  claim.stand(said, STANCE);
  standing[0]?.({ renew: true });
  expect([onRenew.mock.calls.length, claim.isOver]).toEqual([1, false]);
  standing[1]?.(reply(0));
  await claim.outcome;
  expect(taken).toHaveLength(1);
});
