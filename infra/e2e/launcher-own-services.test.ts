import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startTestBus } from '../test-support/bus.ts';
import { createTestDatabase } from '../test-support/database.ts';
import { launcherHome } from './launcher.ts';

test('with DATABASE_URL and NATS_URL set, the demo runs on those and the embedded ones are not started', async () => {
  await using database = await createTestDatabase();
  await using bus = await startTestBus();
  await using home = await launcherHome();
  const started = home.start(['--once'], { DATABASE_URL: database.url, NATS_URL: bus.url, SIGNALBOX_NATS_TRUST_FILE: bus.trustFile });
  expect(await started.ended, started.output()).toBe(0);
  expect(JSON.parse(started.stdout())).toMatchObject({ state: 'Completed' });
  expect(started.output()).toContain('Postgres answers');
  expect(started.output()).toContain('NATS answers');
  for (const part of ['postgres', 'nats']) expect(existsSync(join(home.data, 'logs', `${part}.log`)), part).toBe(false);
});
