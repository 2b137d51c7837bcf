import { describe, expect, it } from 'vitest';
import { type AgentFacts, type DispatchFacts, dispatchBlockersOf, queuedBehind, type RunAhead } from './dispatch-blockers.ts';

const now = new Date('2026-03-01T08:00:00.000Z');
const since = new Date('2026-03-01T07:00:00.000Z');
const noLimit = { limit: null, held: 0, holders: [], paused: null };
const agent: AgentFacts = { name: 'a1', isOnline: true, drains: false, backoffUntil: null, lastSeenAt: now, free: 4, isExcluded: false };
const ready = {
  run: {
    runId: 'r',
    state: { type: 'SCHEDULED', name: 'Scheduled' },
    stateAt: since,
    dueAt: now,
    epoch: 1,
    deploymentId: 'd',
    poolId: 'p',
    queueId: 'q',
    agent: null,
    now,
  },
  deployment: { id: 'd', name: 'weather/daily', ...noLimit },
  pool: { id: 'p', name: 'local', ...noLimit },
  queue: { id: 'q', name: 'default', ...noLimit },
  key: null,
  agents: [agent],
  busy: { runs: [], count: 0 },
} satisfies DispatchFacts;
const holder = (name: string) => ({ run: 'run_x' as const, name, deployment: 'weather/daily', agent: 'a1', since: since.toISOString() });
const full = { limit: 2, held: 2, holders: [holder('brave-otter'), holder('calm-fox')] };
const by = { by: 'ada@example.com', since };

describe('a run that waits says why', () => {
  it.each<[title: string, facts: Partial<DispatchFacts>, blockers: [kind: string, message: string][]]>([
    ['nothing blocks it', {}, []],
    [
      'it is not due',
      { run: { ...ready.run, dueAt: new Date('2026-03-02T08:00:00.000Z') } },
      [['not-due', 'It is not due until 2026-03-02T08:00:00.000Z.']],
    ],
    [
      'it waits to be retried',
      { run: { ...ready.run, state: { type: 'SCHEDULED', name: 'AwaitingRetry' }, dueAt: new Date('2026-03-01T08:00:10.000Z') } },
      [['retry-delay', 'It is tried again at 2026-03-01T08:00:10.000Z.']],
    ],
    [
      'its deployment is paused',
      { deployment: { ...ready.deployment, paused: by } },
      [['deployment-paused', 'Deployment "weather/daily" is paused by ada@example.com.']],
    ],
    [
      'its deployment is paused for a while, for a reason',
      { deployment: { ...ready.deployment, paused: { ...by, reason: 'moving disks', until: new Date('2026-03-01T10:00:00.000Z') } } },
      [['deployment-paused', 'Deployment "weather/daily" is paused by ada@example.com: moving disks, until 2026-03-01T10:00:00.000Z.']],
    ],
    [
      'its pool is paused, nobody knows by whom',
      { pool: { ...ready.pool, paused: { by: null, since: null } } },
      [['pool-paused', 'Work pool "local" is paused.']],
    ],
    ['its queue is paused', { queue: { ...ready.queue, paused: by } }, [['queue-paused', 'Queue "default" is paused by ada@example.com.']]],
    [
      'its pool was deleted',
      { pool: null, queue: null, agents: [] },
      [['pool-deleted', 'Its work pool was deleted: deploy the deployment to another pool.']],
    ],
    [
      'its deployment is full',
      { deployment: { ...ready.deployment, ...full } },
      [['deployment-full', 'Deployment "weather/daily" is at its limit of 2 at once: held by brave-otter, calm-fox.']],
    ],
    [
      'its pool is over its limit',
      { pool: { ...ready.pool, ...full, limit: 5, held: 6 } },
      [['pool-full', 'Work pool "local" is at its limit of 5 at once: held by brave-otter, calm-fox and 4 more.']],
    ],
    [
      'its queue is full',
      { queue: { ...ready.queue, ...full } },
      [['queue-full', 'Queue "default" is at its limit of 2 at once: held by brave-otter, calm-fox.']],
    ],
    [
      'its key is full',
      { key: { id: 'k', name: 'acme', paused: null, ...full } },
      [['key-full', 'Deployment "weather/daily" for "acme" is at its limit of 2 at once: held by brave-otter, calm-fox.']],
    ],
    ['no agent was ever there', { agents: [] }, [['no-agent', 'Work pool "local" has no agent yet.']]],
    [
      'no agent is online',
      { agents: [{ ...agent, isOnline: false }] },
      [['agents-offline', 'No agent is online in work pool "local" (1 enrolled).']],
    ],
    [
      'agents drain',
      { agents: [{ ...agent, drains: true }] },
      [['agents-not-accepting', 'No agent in work pool "local" takes runs now: those online drain or wait after failed starts.']],
    ],
    [
      'agents are full',
      { agents: [{ ...agent, free: 0 }], busy: { runs: [holder('brave-otter'), holder('calm-fox')], count: 2 } },
      [['agents-full', 'All slots of the agents in work pool "local" are taken, by brave-otter, calm-fox.']],
    ],
    ['it failed to start on the only agent', { agents: [{ ...agent, isExcluded: true }] }, []],
    [
      'it failed to start here, and the other agent is busy',
      {
        agents: [
          { ...agent, isExcluded: true },
          { ...agent, name: 'a2', free: 0 },
        ],
      },
      [['excluded-agents', 'It could not be started on "a1"; it waits for another agent of the pool.']],
    ],
  ])('%s', (_title, facts, expected) => {
    expect(dispatchBlockersOf({ ...ready, ...facts }).map(({ kind, message }) => [kind, message])).toEqual(expected);
  });

  it('names every blocker, since when, who is in the way and what frees it', () => {
    const found = dispatchBlockersOf({ ...ready, deployment: { ...ready.deployment, ...full }, pool: { ...ready.pool, paused: by } });
    expect(found).toEqual([
      {
        kind: 'pool-paused',
        message: 'Work pool "local" is paused by ada@example.com.',
        since: since.toISOString(),
        holders: [],
        holderCount: 0,
        frees: 'Resume it: signalbox pools resume local',
      },
      {
        kind: 'deployment-full',
        message: 'Deployment "weather/daily" is at its limit of 2 at once: held by brave-otter, calm-fox.',
        since: since.toISOString(),
        holders: full.holders,
        holderCount: 2,
        frees: 'One of these runs ends, or the limit is raised: signalbox deployments set weather/daily concurrencyLimit=N --reason WHY',
      },
    ]);
  });
});

it('of full agents names who is there, longest first', () => {
  const busy = { runs: [holder('brave-otter')], count: 12 };
  expect(dispatchBlockersOf({ ...ready, agents: [{ ...agent, free: 0 }], busy })).toMatchObject([
    { kind: 'agents-full', since: since.toISOString(), holders: busy.runs, holderCount: 12 },
  ]);
});

describe('runs ahead of it', () => {
  const ahead = (name: string, limits: RunAhead['limits'] = []): RunAhead => ({ ...holder(name), agent: null, limits });
  const one = (facts: Partial<DispatchFacts>, runs: RunAhead[], isCut = false) =>
    queuedBehind({ ...ready, ...facts }, { runs, isCut }).map(({ kind, message, holderCount }) => [kind, message, holderCount]);

  it('leave it a slot: it is next', () => {
    expect(one({}, [ahead('x'), ahead('y'), ahead('z')])).toEqual([]);
  });

  it('take every slot', () => {
    expect(one({ agents: [{ ...agent, free: 2 }] }, [ahead('x'), ahead('y'), ahead('z')])).toEqual([
      ['behind', 'It is queued behind x, y, which take every free slot.', 2],
    ]);
  });

  it('do not count where a limit of theirs holds them back', () => {
    const limits = [{ id: 'other', room: 1 }];
    expect(one({ agents: [{ ...agent, free: 2 }] }, [ahead('x', limits), ahead('y', limits), ahead('z', limits)])).toEqual([]);
  });

  it('take the last room of a limit of its own', () => {
    const deployment = { ...ready.deployment, limit: 3, held: 2 };
    expect(one({ deployment }, [ahead('x', [{ id: 'd', room: 1 }])])).toEqual([
      ['behind', 'It is queued behind x, which takes the last room of deployment "weather/daily".', 1],
    ]);
  });
});
