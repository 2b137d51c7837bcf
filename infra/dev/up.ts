/**
 * `npm start` after the hand-over to Node 24: starts the embedded stack, runs the demo, stays up until Ctrl-C.
 *
 * States: checking -> starting -> demo -> up -> stopping. Ctrl-C, TERM and a part that cannot be kept running lead to stopping
 * from each; whatever was started is then stopped in reverse order. Exit code: 0 after a wanted stop, 130 when the start was
 * interrupted, else 1 with one clear line.
 */
import { createHash } from 'node:crypto';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DEMO_DEPLOYMENT, type DemoResult, runDemo } from './demo.ts';
import { deployExamples } from './deploy-examples.ts';
import { takeLock } from './lock.ts';
import { HELP, type Options, readOptions } from './options.ts';
import { ROOT, stackPaths } from './paths.ts';
import { requirePort, requireSpace } from './preflight.ts';
import { endLeftovers, endStrays, processRegistry } from './process-registry.ts';
import { OWNER_EMAIL } from './secrets.ts';
import { publicUrl } from './services.ts';
import { type Stack, startStack } from './stack.ts';
import { describeFailure, StartError } from './start-error.ts';
import type { Supervised, Watch } from './supervise.ts';
import { openTerminal, result } from './terminal.ts';

const terminal = openTerminal();
const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stopping.abort(new Interrupted()));

class Interrupted extends Error {}

try {
  const options = readOptions(process.argv.slice(2), process.env);
  if (options.help) process.stdout.write(`${HELP}\n`);
  else process.exitCode = await up(options);
} catch (error) {
  if (error instanceof Interrupted) process.exitCode = 130;
  else {
    terminal.fail(describeFailure(error));
    process.exitCode = 1;
  }
}

async function up(options: Options): Promise<number> {
  const paths = stackPaths(options.dataDir);
  const stackId = createHash('sha256').update(paths.data).digest('hex').slice(0, 16);
  using lock = takeLock(paths.lock, publicUrl(options.port));
  const left = await endLeftovers(paths.processes, stackId);
  // Said and not passed over: whoever killed it, or a machine that does so, should hear of it. The next start finds all in order.
  if (lock.tookOverFrom !== null && !options.reset)
    throw new StartError(`An earlier start (pid ${lock.tookOverFrom}) was killed; the ${left} processes it left are ended. Start again`);
  if (options.reset) reset(paths.data, paths.postgres);
  requireSpace(paths.data);
  requireSpace(ROOT);
  await requirePort(options.port);

  const started: Supervised[] = [];
  const watch: Watch = {
    logs: paths.logs,
    stack: stackId,
    registry: processRegistry(paths.processes),
    signal: stopping.signal,
    onRestart: (name, cause) => stopping.signal.aborted || terminal.warn(`${name} ended (${cause}); starting it again`),
    onGiveUp: (name, cause) => stopping.abort(new StartError(`${name} does not stay up (${cause}). See ${paths.logs}/${name}.log`)),
  };
  let demo: DemoResult;
  try {
    const stack = await startStack(options, stackPaths(options.dataDir), watch, started, terminal);
    demo = await showDemo(stack, options);
    if (!options.once) {
      printNext(stack, options);
      await untilStopped();
    }
  } finally {
    terminal.step('Stopping');
    stopping.abort(new Interrupted());
    for (const part of started.reverse()) await part.stop();
    endStrays(stackId);
    terminal.done('Everything has stopped');
  }
  if (options.once) result(demo);
  if (demo.reason !== undefined) terminal.fail(`The demo run is ${demo.state}: ${demo.reason}`);
  return demo.reason === undefined ? 0 : 1;
}

async function showDemo(stack: Stack, options: Options): Promise<DemoResult> {
  terminal.step('Deploying the examples');
  const deployed = await deployExamples(stack.client);
  terminal.done(`Deployed ${deployed.join(', ')}`);
  terminal.line(`\nRunning ${DEMO_DEPLOYMENT}: ${publicUrl(options.port)}/runs\n`);
  const demo = await runDemo(stack.client, terminal, stopping.signal);
  terminal.done(`${demo.state} after ${demo.seconds} s, ${demo.tasks} tasks`);
  return demo;
}

/** Until a person, a signal or a part that cannot be kept up ends it. A person's wish is no failure. */
async function untilStopped(): Promise<void> {
  const { signal } = stopping;
  await new Promise<void>((settle) => (signal.aborted ? settle() : signal.addEventListener('abort', () => settle())));
  if (!(signal.reason instanceof Interrupted)) throw signal.reason;
}

/** All data of the stack. The programs in the cache are none, and the lock is ours. */
function reset(data: string, postgres: string): void {
  terminal.line(`  Deleting the data in ${data}`);
  const kept = ['cache', 'launcher.lock'];
  const folders = [
    ...readdirSync(data)
      .filter((name) => !kept.includes(name))
      .map((name) => join(data, name)),
    postgres,
  ];
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
}

function printNext({ ownerPassword }: Stack, { port }: Options): void {
  const url = publicUrl(port);
  terminal.line(`
Signalbox is up: ${url}
Sign in as ${OWNER_EMAIL} with the password ${ownerPassword}

Next, in another terminal:
  npx signalbox login --url ${url}
  npx signalbox run ${DEMO_DEPLOYMENT} --watch
  npx signalbox runs ls

Ctrl-C stops everything.`);
}
