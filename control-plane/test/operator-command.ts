/** The commands of an operator, run as they run them: as processes of their own. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createNatsTrust } from '../src/platform/nats-trust.ts';

/** `run('limit-workspace.ts', 'acme')` against one database, with a configuration of its own; gone when disposed of. */
export async function openOperatorCommands(
  databaseUrl: string,
): Promise<AsyncDisposable & { run(script: string, ...args: string[]): Promise<{ exitCode: number; stdout: string; stderr: string }> }> {
  const home = await mkdtemp(path.join(tmpdir(), 'sbx-operator-'));
  const trust = path.join(home, 'trust.json');
  await writeFile(trust, JSON.stringify(await createNatsTrust()));
  const env = {
    PATH: process.env['PATH'],
    DATABASE_URL: databaseUrl,
    NATS_URL: 'nats://127.0.0.1:1',
    SIGNALBOX_NATS_TRUST_FILE: trust,
    SIGNALBOX_SECRET: 'a secret of the tests, 32 characters long',
  };
  return {
    run: (script, ...args) =>
      new Promise((resolve) => {
        execFile(process.execPath, [path.join(import.meta.dirname, '../src', script), ...args], { env }, (error, stdout, stderr) =>
          resolve({ exitCode: error ? Number(error.code) : 0, stdout, stderr }),
        );
      }),
    [Symbol.asyncDispose]: () => rm(home, { recursive: true, force: true }),
  };
}
