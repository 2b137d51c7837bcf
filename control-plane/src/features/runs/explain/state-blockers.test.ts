/** What a run waits for that is paused, lost or being cancelled. */
import { toUuid } from '@signalbox/proto';
import { expect, test } from 'vitest';
import { stateBlockerOf } from './state-blockers.ts';
import type { StateFacts } from './state-facts.ts';

const RUN = 'run_01h455vb4pex5vsknk084sn02q';
const at = new Date('2026-03-01T08:00:00.000Z');
const held: StateFacts = {
  run: {
    runId: toUuid('run', RUN),
    state: { type: 'RUNNING', name: 'Lost' },
    stateAt: at,
    dueAt: at,
    epoch: 1,
    deploymentId: 'd',
    poolId: 'p',
    queueId: 'q',
    agent: { id: 'a', name: 'builder-1' },
    now: at,
  },
  said: null,
  deadlineAt: new Date('2026-03-01T08:05:00.000Z'),
  isAgentOnline: false,
  graceMs: 30_000,
  onLostAgent: 'crash',
  pause: null,
};
const inState = (type: 'PAUSED' | 'CANCELLING', name: string, more: Partial<StateFacts> = {}): StateFacts => ({
  ...held,
  isAgentOnline: true,
  ...more,
  run: { ...held.run, state: { type, name } },
});
const question: NonNullable<StateFacts['pause']> = {
  key: 'approve',
  how: 'suspend',
  message: 'Send the report?',
  inputSchema: null,
  askedBy: null,
  askedAt: at.toISOString(),
  expiresAt: null,
  inEffect: true,
  approvers: { people: ['ada@example.com'], teams: ['finance'] },
};

test.each<[title: string, facts: StateFacts, kind: string, message: string, frees: string]>([
  [
    'lost: why, with whom, and what becomes of it when',
    { ...held, said: 'its agent was not heard of for the length of the lease' },
    'lost',
    'It is lost with agent "builder-1": its agent was not heard of for the length of the lease.',
    'The agent comes back and still has it: then it goes on. Or cancel it. At 2026-03-01T08:05:00.000Z it counts as Crashed (onLostAgent: crash).',
  ],
  [
    'lost, to be put back',
    { ...held, onLostAgent: 'requeue' },
    'lost',
    'It is lost with agent "builder-1".',
    'The agent comes back and still has it: then it goes on. Or cancel it. At 2026-03-01T08:05:00.000Z it is put back for another agent, at most three times (onLostAgent: requeue).',
  ],
  [
    'cancelled, while its process ends',
    inState('CANCELLING', 'Cancelling', { said: 'cancelled by ada@example.com' }),
    'cancelling',
    'It is being ended (cancelled by ada@example.com): agent "builder-1" sends TERM, and KILL after 30 s.',
    'Its process ends. Its slots are taken until then.',
  ],
  [
    'cancelled, with an agent that is not heard of',
    inState('CANCELLING', 'Cancelling', { isAgentOnline: false }),
    'cancelling',
    'It is being ended, but its agent "builder-1" is not heard of, and its process may go on.',
    'The agent comes back and ends it, or its lease is over: then it counts as ended.',
  ],
  [
    'asked something: what, who may answer, until when',
    inState('PAUSED', 'Suspended', { pause: question }),
    'paused',
    'It waits for ada@example.com and the team finance to answer "approve": Send the report?',
    `Answer it: signalbox runs resume ${RUN}. Or cancel it. At 2026-03-01T08:05:00.000Z it is given up.`,
  ],
  [
    'paused by somebody, for a reason',
    inState('PAUSED', 'Paused', { pause: { ...question, askedBy: 'ada@example.com', message: 'the database is being moved' } }),
    'paused',
    'It is paused by ada@example.com: the database is being moved.',
    `Resume it: signalbox runs resume ${RUN}. Or cancel it. At 2026-03-01T08:05:00.000Z it is given up.`,
  ],
  [
    'paused, nobody knows by whom',
    inState('PAUSED', 'Paused', { deadlineAt: null }),
    'paused',
    'It is paused until somebody resumes it.',
    `Resume it: signalbox runs resume ${RUN}. Or cancel it.`,
  ],
])('%s', (_title, facts, kind, message, frees) => {
  expect(stateBlockerOf(facts)).toEqual({ kind, message, since: at.toISOString(), holders: [], holderCount: 0, frees });
});
