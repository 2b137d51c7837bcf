/** How an author tests it: time is virtual, and nothing is sent. */
import { flow } from '@signalbox/sdk';
import { createTestRuntime } from '@signalbox/sdk/testing';
import { expect, test } from 'vitest';
import { invoices, sendInvoice } from './tasks.ts';

test('each address becomes a run of its own in the background', async () => {
  const asked: unknown[] = [];
  const runtime = createTestRuntime().deployment('send-invoice/background', (parameters) => void asked.push(parameters));
  const run = await runtime.run(invoices, { to: ['ada@example.com', 'alan@example.com'] });
  expect(run.expectCompleted()).toHaveLength(2);
  expect(asked).toHaveLength(2);
});

test('the task itself is tried again, and not for an address that is none', async () => {
  const one = flow('one', ({ to }: { to: string }) => sendInvoice(to, new Date('2026-12-31')));
  const run = await createTestRuntime().fail(sendInvoice, new Error('no network'), { onCall: 1 }).run(one, { to: 'ada@example.com' });
  expect(run.expectCompleted()).toBe('ada@example.com pays until 2026-12-31');
  run.task('send-invoice').expectStates('Running', 'AwaitingRetry', 'Retrying', 'Completed');
  (await createTestRuntime().run(one, { to: 'nobody' })).expectFailed('"nobody" is no address');
});
