import { toId } from '@signalbox/proto';
import type { ClaimReply, Stand } from '@signalbox/proto/messages';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Answer, openStandingClaims } from './standing-claims.ts';

const POOL = '01993a10-0000-7000-8000-000000000001';
const NUDGE = { workspaceId: 'w', poolId: POOL };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const reply = (runs: number, more: Partial<ClaimReply> = {}): ClaimReply => ({
  runs: Array.from({ length: runs }) as ClaimReply['runs'],
  more: false,
  timeline: 1,
  heldMs: 0,
  ...more,
});

/** Agents a, b, ... that may stand; claims are carried out when a test says what they are given. */
function replica() {
  const nudged: string[] = [];
  const carriedOut: string[] = [];
  const said: Stand[] = [];
  const open: ((answer: ClaimReply | Error) => void)[] = [];
  const bus = {
    nudge: (workspaceId: string, poolId: string) => {
      if (!standing.take({ workspaceId, poolId })) nudged.push(poolId);
    },
  };
  const ctx = { bus, db: {}, log: { warn() {} } } as unknown as Parameters<typeof openStandingClaims>[0];
  const standing = openStandingClaims(ctx, ({ agentId }) => {
    carriedOut.push(agentId);
    return new Promise((resolve, reject) => open.push((answer) => (answer instanceof Error ? reject(answer) : resolve(answer))));
  });
  const stand = (agentId: string, free = 4) => {
    const answers: (Answer | null)[] = [];
    const claim = { session: 1, claimId: agentId, free, warm: [], v: 1, pool: toId('workPool', POOL), waitMs: 5_000 } satisfies Stand;
    void standing.stand({ workspaceId: 'w', agentId }, claim).then((answer) => answers.push(answer));
    said.push(claim);
    return answers;
  };
  const answer = async (given: ClaimReply | Error) => {
    open.shift()?.(given);
    await vi.advanceTimersByTimeAsync(0);
  };
  return { ...standing, stand, answer, nudged, carriedOut, said };
}

describe('a claim that stands', () => {
  test('is carried out at work for its pool, once, and by no other pool or workspace', async () => {
    const { stand, take, answer, nudged } = replica();
    const answers = stand('a');
    expect(take({ ...NUDGE, workspaceId: 'other' })).toBe(false);
    expect(take({ ...NUDGE, poolId: '01993a10-0000-7000-8000-000000000002' })).toBe(false);
    expect(take(NUDGE)).toBe(true);
    await answer(reply(1));
    expect(answers).toEqual([reply(1)]);
    expect(take(NUDGE)).toBe(false);
    expect(nudged).toEqual([]);
  });

  test('is over when its time is, when its agent says another or is gone, and at the end', async () => {
    const { stand, take, gone, stop } = replica();
    const lost = stand('a');
    gone('a');
    await vi.advanceTimersByTimeAsync(0);
    expect([lost, take(NUDGE)]).toEqual([[null], false]);
    const late = stand('a');
    await vi.advanceTimersByTimeAsync(5_000);
    expect([late, take(NUDGE)]).toEqual([[null], false]);
    const [first, second] = [stand('a'), stand('a')];
    await vi.advanceTimersByTimeAsync(0);
    expect([first, second]).toEqual([[null], []]);
    stop();
    await vi.advanceTimersByTimeAsync(0);
    expect([second, take(NUDGE)]).toEqual([[null], false]);
  });

  test.each([
    ['was carried out before under its id', reply(1, { heldMs: undefined })],
    ['took all it asked for', reply(4)],
    ['was cut short', reply(2, { more: true })],
    ['failed', new Error('the session is over')],
  ])('that %s leaves the work to the next, and after the last to offers', async (_why, given) => {
    const { stand, take, answer, nudged, carriedOut } = replica();
    stand('a');
    stand('b');
    take(NUDGE);
    await answer(given);
    expect([carriedOut, nudged]).toEqual([['a', 'b'], []]);
    await answer(given);
    expect(nudged).toEqual([POOL]);
  });

  test('that found nothing leaves others standing: what is left is looked for soon after', async () => {
    const { stand, take, answer, nudged, carriedOut } = replica();
    stand('a');
    stand('b');
    take(NUDGE);
    await answer(reply(0));
    expect([carriedOut, nudged]).toEqual([['a'], []]);
    expect(take(NUDGE)).toBe(true);
  });

  test('is carried out by itself, or sends its agent to renew first; one that was said again since does neither', async () => {
    const { stand, answer, carryOut, renewFirst, carriedOut, said } = replica();
    const from = { workspaceId: 'w', agentId: 'a' };
    stand('a');
    const second = stand('a');
    for (const claim of said.splice(0, 1)) {
      void carryOut(from, claim);
      renewFirst(from, claim);
    }
    expect(carriedOut).toEqual([]);
    for (const claim of said) void carryOut(from, claim);
    await answer(reply(1));
    expect([carriedOut, second]).toEqual([['a'], [reply(1)]]);
    const third = stand('a');
    for (const claim of said.slice(-1)) renewFirst(from, claim);
    await vi.advanceTimersByTimeAsync(0);
    expect(third).toEqual([{ renew: true }]);
  });

  test('is reserved by who makes work: one at a time, and what is nudged meanwhile is seen to afterwards', async () => {
    const { stand, reserve, take, answer, nudged, carriedOut } = replica();
    const [first, second] = [stand('a'), stand('b')];
    const reserved = reserve(NUDGE);
    expect([reserved?.from.agentId, reserve(NUDGE), take(NUDGE)]).toEqual(['a', null, true]);
    reserved?.settle(reply(1));
    await vi.advanceTimersByTimeAsync(0);
    expect([first, carriedOut, nudged]).toEqual([[reply(1)], ['b'], []]);
    await answer(reply(1));
    expect(second).toEqual([reply(1)]);
    expect(reserve(NUDGE)).toBeNull();
  });

  test('that was reserved for what was not committed is carried out by itself', async () => {
    const { stand, reserve, answer, carriedOut } = replica();
    const answers = stand('a');
    reserve(NUDGE)?.settle(null);
    await vi.advanceTimersByTimeAsync(0);
    expect(carriedOut).toEqual(['a']);
    await answer(reply(0));
    expect(answers).toEqual([reply(0)]);
  });

  test('may have looked too early for what is committed meanwhile: that is seen to afterwards', async () => {
    const { stand, take, answer, nudged } = replica();
    stand('a');
    take(NUDGE);
    expect(take(NUDGE)).toBe(true);
    await answer(reply(1));
    expect(nudged).toEqual([POOL]);
  });
});
