import type { RunState } from '@signalbox/proto';
import { expect, test } from 'vitest';
import { causeOf } from './attempt-cause.ts';

const at = (second: number) => `2026-01-31T08:00:${String(second).padStart(2, '0')}.000Z`;
const states: RunState[] = [
  { type: 'SCHEDULED', name: 'Scheduled', at: at(0) },
  { type: 'PENDING', name: 'Pending', at: at(1) },
  { type: 'RUNNING', name: 'Running', at: at(2) },
  { type: 'SCHEDULED', name: 'AwaitingRetry', message: 'attempt 1 ended: boom', at: at(3) },
  { type: 'RUNNING', name: 'Running', at: at(4) },
  { type: 'SCHEDULED', name: 'Scheduled', message: 'its agent was not heard of', at: at(5) },
  { type: 'PENDING', name: 'Pending', at: at(6) },
  { type: 'FAILED', name: 'Failed', at: at(7) },
  { type: 'SCHEDULED', name: 'Scheduled', message: 'retried by Ada', at: at(8), retry: { by: 'Ada', mode: 'from-start' } },
  { type: 'PENDING', name: 'Pending', at: at(9) },
  { type: 'PAUSED', name: 'Suspended', at: at(10) },
  { type: 'SCHEDULED', name: 'Resuming', at: at(11) },
];

test.each([
  ['the first', 1, { kind: 'first', at: at(0), message: null }],
  ["the flow's own retry", 4, { kind: 'retry', message: 'attempt 1 ended: boom' }],
  ['put back', 6, { kind: 'requeue', message: 'its agent was not heard of' }],
  ["a person's retry says who asked and what is used again", 9, { kind: 'by-hand', by: 'Ada', mode: 'from-start', at: at(8) }],
  ['after a suspension', 12, { kind: 'resume' }],
])('%s', (_title, second, expected) => expect(causeOf(states, new Date(at(second)))).toMatchObject(expected));
