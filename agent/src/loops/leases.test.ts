import type { Renew, RunEpoch, Stretch } from '@signalbox/proto/messages';
import { RUNS_PER_MESSAGE } from '@signalbox/proto/messages';
import { expect, test } from 'vitest';
import type { AgentParts } from '../agent-parts.ts';
import { pageOf } from '../run/holding-page.ts';
import { renew } from './leases.ts';

const id = (n: number): RunEpoch => ({ run: `run_${String(n).padStart(26, '0')}`, epoch: 1 });

/** An agent that holds `count` runs and has told nothing of `started` starts, and what it sends. */
function holding(count: number, started: number) {
  const sent: Renew[] = [];
  const held = Array.from({ length: count }, (_, n) => id(n)).reverse();
  const reply = { sendFull: false, notYours: [], cancel: [], drain: false, serverTime: new Date(0).toISOString(), timeline: 1 };
  const parts = {
    runs: {
      holding: () => held,
      holdingHash: () => '',
      holdingPage: (after: Stretch['after']) => pageOf(held, after),
      free: 0,
      warm: { ready: () => [] },
    },
    spool: { startedUntold: () => held.slice(0, started), bytes: 0 },
    status: { draining: null, timeline: 1 },
    session: {
      ask: (_: string, body: Renew) => {
        sent.push(body);
        return Promise.resolve(reply);
      },
    },
    setDraining: () => {},
  } as unknown as AgentParts;
  return { sent, parts, held };
}

test('a renewal by count and hash is one message', async () => {
  const { parts, sent } = holding(3, 1);
  await renew(parts, false);
  expect(sent).toMatchObject([{ count: 3, started: [{}] }]);
  expect(sent[0]).not.toHaveProperty('holding');
});

test('a full list that fits in one message says nothing of stretches', async () => {
  const { parts, sent } = holding(3, 0);
  await renew(parts, true);
  expect(sent.map(({ holding, stretch }) => [holding?.length, stretch])).toEqual([[3, undefined]]);
});

test('ten thousand runs and their starts are told whole, each once, in messages of bounded size', async () => {
  const { parts, sent, held } = holding(10_000, 2_500);
  await renew(parts, true);
  expect(sent.flatMap(({ holding }) => holding ?? [])).toEqual([...held].reverse());
  expect(sent.flatMap(({ started }) => started ?? [])).toEqual(held.slice(0, 2_500));
  expect(sent[0]?.stretch?.after).toBeNull();
  for (const [i, { stretch }] of sent.slice(1).entries()) expect(stretch?.after).toBe(sent[i]?.stretch?.upTo);
  expect(sent.at(-1)?.stretch?.upTo).toBeNull();
  expect(Math.max(...sent.map((body) => JSON.stringify(body).length))).toBeLessThan(192 * 1024);
});

test('two epochs of one run are never parted by a page', () => {
  const held = Array.from({ length: RUNS_PER_MESSAGE + 1 }, (_, n) => id(n));
  held.push({ ...id(RUNS_PER_MESSAGE - 1), epoch: 2 });
  const first = pageOf(held, null);
  expect(first.holding).toHaveLength(RUNS_PER_MESSAGE + 1);
  expect(pageOf(held, first.stretch.upTo)).toEqual({ holding: [id(RUNS_PER_MESSAGE)], stretch: { after: first.stretch.upTo, upTo: null } });
});
