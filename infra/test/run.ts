/** `npm test [-- vitest's arguments]`: fetches what tests need once, before workers would race for it, then runs Vitest. */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { join } from 'node:path';
import { natsBinary } from '../dev/nats-binary.ts';
import { ROOT } from '../dev/paths.ts';
import { describeFailure } from '../dev/start-error.ts';
import { obtainChromium } from './chromium.ts';

const say = (line: string): void => console.error(line);

async function prepare(): Promise<NodeJS.ProcessEnv> {
  await natsBinary((label) => say(`Obtaining nats-server: ${label} ...`));
  const chromium = obtainChromium(say);
  if (chromium !== null) return { CHROMIUM_PATH: chromium };
  const how = 'no Chromium was found. Set CHROMIUM_PATH, or install it (Debian: apt-get install chromium)';
  if (process.env['CI']) throw new Error(how);
  say(`Browser tests are skipped: ${how}`);
  return {};
}

try {
  const env = await prepare();
  const vitest = spawn(process.execPath, [join(ROOT, 'node_modules/vitest/vitest.mjs'), 'run', ...process.argv.slice(2)], {
    cwd: ROOT,
    stdio: 'inherit',
    env: { ...process.env, ...env },
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => vitest.kill(signal));
  vitest.once('exit', (code, signal) => process.exit(signal ? 128 + constants.signals[signal] : (code ?? 1)));
} catch (error) {
  say(describeFailure(error));
  process.exitCode = 1;
}
