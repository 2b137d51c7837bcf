import { describe, expect, it } from 'vitest';
import { type WaitingFacts, waitingFor } from './waiting-for.ts';

const now = new Date('2026-03-01T08:00:00.000Z');
const free = { limit: null, held: 0, holders: [] };
const ready: WaitingFacts = {
  state: { type: 'SCHEDULED', name: 'Scheduled' },
  now,
  dueAt: now,
  agent: null,
  deployment: { name: 'daily', paused: false, ...free },
  pool: { name: 'local', paused: false, ...free },
  queue: { name: 'default', paused: false, ...free },
  agents: { total: 1, online: 1, accepting: 1, slots: 4, held: 0 },
  failedOn: [],
};
const { deployment, pool, queue } = ready as { [K in 'deployment' | 'pool' | 'queue']: NonNullable<WaitingFacts[K]> };
const full = { limit: 2, held: 2, holders: ['run_a', 'run_b'] };

describe('a run that waits says why', () => {
  it.each<[title: string, facts: Partial<WaitingFacts>, sentences: string[]]>([
    ['nothing blocks it', {}, []],
    ['it is not due', { dueAt: new Date('2026-03-02T08:00:00.000Z') }, ['It is not due until 2026-03-02T08:00:00.000Z.']],
    [
      'it waits to be retried',
      { state: { type: 'SCHEDULED', name: 'AwaitingRetry' }, dueAt: new Date('2026-03-01T08:00:10.000Z') },
      ['It is tried again at 2026-03-01T08:00:10.000Z.'],
    ],
    ['its deployment is paused', { deployment: { ...deployment, paused: true } }, ['Deployment "daily" is paused.']],
    ['its pool is paused', { pool: { ...pool, paused: true } }, ['Work pool "local" is paused.']],
    ['its queue is paused', { queue: { ...queue, paused: true } }, ['Queue "default" is paused.']],
    ['its pool was deleted', { pool: null, queue: null }, ['Its work pool was deleted: deploy the deployment to another pool.']],
    [
      'its deployment is full',
      { deployment: { ...deployment, ...full } },
      ['Deployment "daily" is at its limit of 2 at once: held by run_a, run_b.'],
    ],
    [
      'its pool is full',
      { pool: { ...pool, ...full, limit: 5, held: 6 } },
      ['Work pool "local" is at its limit of 5 at once: held by run_a, run_b and 4 more.'],
    ],
    ['its queue is full', { queue: { ...queue, ...full } }, ['Queue "default" is at its limit of 2 at once: held by run_a, run_b.']],
    [
      'no agent was ever there',
      { agents: { total: 0, online: 0, accepting: 0, slots: 0, held: 0 } },
      ['Work pool "local" has no agent yet.'],
    ],
    [
      'no agent is online',
      { agents: { total: 2, online: 0, accepting: 0, slots: 0, held: 0 } },
      ['No agent is online in work pool "local" (2 enrolled).'],
    ],
    [
      'agents drain',
      { agents: { total: 1, online: 1, accepting: 0, slots: 0, held: 0 } },
      ['No agent in work pool "local" takes runs now: those online drain or wait after failed starts.'],
    ],
    [
      'agents are full',
      { agents: { total: 1, online: 1, accepting: 1, slots: 4, held: 4 } },
      ['All 4 slots of the agents in work pool "local" are taken.'],
    ],
    ['it failed to start somewhere', { failedOn: ['a1'] }, ['It could not be started on "a1"; another agent is tried first.']],
    ['an agent prepares it', { state: { type: 'PENDING', name: 'Pending' }, agent: 'a1' }, ['Agent "a1" has it and prepares to start it.']],
    ['it runs', { state: { type: 'RUNNING', name: 'Running' }, deployment: { ...deployment, paused: true } }, []],
  ])('%s', (_title, facts, sentences) => {
    expect(waitingFor({ ...ready, ...facts })).toEqual(sentences);
  });

  it('names every blocker, not only the first', () => {
    expect(waitingFor({ ...ready, deployment: { ...deployment, paused: true }, pool: { ...pool, paused: true } })).toHaveLength(2);
  });
});
