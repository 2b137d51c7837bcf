/** What a person answers is given by the test. */
import { createTestRuntime } from '@signalbox/sdk/testing';
import { expect, test } from 'vitest';
import { payment } from './people.ts';

test('pays what was approved, to the account that was given with the yes', async () => {
  const run = await createTestRuntime().answer('pay', { approved: true, account: 'DE02' }).run(payment, { amount: 900 });
  expect(run.expectCompleted()).toBe('900 to DE02');
  run.task('pay').expectStates('Running', 'Completed');
});

test('pays nothing without a yes, and nothing while nobody answered', async () => {
  const no = await createTestRuntime().answer('pay', { approved: false, comment: 'too much' }).run(payment);
  expect([no.expectCompleted(), no.tasks]).toEqual(['refused: too much', []]);
  const asked = await createTestRuntime().run(payment);
  expect([asked.state.name, asked.tasks]).toEqual(['Suspended', []]);
});
