import { connect } from '@nats-io/transport-node';
import { describe, expect, test } from 'vitest';
import { startTestBus } from './bus.ts';

describe('a test bus', () => {
  test('lets nobody in without credentials', async () => {
    await using bus = await startTestBus();
    await expect(connect({ servers: bus.url, reconnect: false })).rejects.toThrow(/authorization/i);
  });

  test('is back on the same address after it was killed', async () => {
    await using bus = await startTestBus();
    await bus.kill();
    await expect(connect({ servers: bus.url, reconnect: false })).rejects.toThrow(/refused/i);
    await bus.restart();
    await expect(connect({ servers: bus.url, reconnect: false })).rejects.toThrow(/authorization/i);
  });
});
