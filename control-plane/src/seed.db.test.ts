import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { createTestDatabase } from '../test/database.ts';

const execute = promisify(execFile);
const SCRIPT = new URL('seed.ts', import.meta.url).pathname;

it('takes the password from the environment, since arguments are for every user of the machine to read', async () => {
  await using database = await createTestDatabase();
  const { stdout } = await execute(process.execPath, [SCRIPT, '--email', 'owner@example.com'], {
    env: { ...process.env, DATABASE_URL: database.url, SIGNALBOX_OWNER_PASSWORD: 'correct horse battery' },
  });
  expect(JSON.parse(stdout)).toMatchObject({ user: expect.stringMatching(/^usr_/) });
});
