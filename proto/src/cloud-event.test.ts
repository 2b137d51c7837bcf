import { expect, test } from 'vitest';
import { cloudEventOf } from './cloud-event.ts';

const event = {
  id: '0192d3b0-0000-7000-8000-000000000001',
  name: 'run.Failed',
  occurredAt: '2026-01-02T03:04:05.000Z',
  resource: { id: 'run_1', kind: 'run' },
  related: [{ role: 'tag', id: 'nightly' }],
  payload: { attempt: 1 },
};
const cloud = {
  specversion: '1.0',
  id: event.id,
  source: 'https://signalbox.example.com',
  type: 'run.Failed',
  subject: 'run_1',
  time: event.occurredAt,
  datacontenttype: 'application/json',
  data: { resource: event.resource, related: event.related, payload: event.payload },
};

test.each([
  [
    'an event of the feed',
    { position: 4711, receivedAt: '2026-01-02T03:04:05.100Z', follows: null },
    { recordedtime: '2026-01-02T03:04:05.100Z', sequence: '0000000000004711' },
  ],
  [
    'one that follows another',
    { follows: '0192d3b0-0000-7000-8000-000000000000' },
    { causationid: '0192d3b0-0000-7000-8000-000000000000' },
  ],
  ['one that has no place in the feed', {}, {}],
])('%s', (_what, more, expected) => {
  const made = cloudEventOf({ ...event, ...more }, 'https://signalbox.example.com/');
  expect(made).toEqual({ ...cloud, ...expected });
  // Attributes have names of lower-case letters and digits, and no empty values.
  for (const [name, value] of Object.entries(made))
    expect([name, value]).toEqual([expect.stringMatching(/^[a-z0-9]{1,20}$/), expect.anything()]);
});
