/** Flows for tests, one behavior each. They leave lines in `parameters.journal`, so that a test sees what user code did. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { FixtureContext } from './fixture-child.ts';

interface Parameters {
  /** Every call of user code appends a line. */
  journal?: string;
  /** The flow ends when this file exists. */
  gate?: string;
}

const parametersOf = (context: FixtureContext) => context.parameters as Parameters;

function note(context: FixtureContext, line: string): void {
  const { journal } = parametersOf(context);
  if (journal) appendFileSync(journal, `${line}\n`);
}

async function passGate({ parameters, signal }: FixtureContext): Promise<void> {
  const { gate } = parameters as Parameters;
  if (!gate) return;
  await new Promise<void>((resolve, reject) => {
    const watcher = watch(dirname(gate), (_event, name) => {
      if (name === basename(gate)) done();
    });
    const done = () => {
      watcher.close();
      resolve();
    };
    signal.addEventListener('abort', () => {
      watcher.close();
      reject(new Error('aborted'));
    });
    if (existsSync(gate)) done();
  });
}

export async function works(context: FixtureContext): Promise<string> {
  note(context, `start ${process.pid}`);
  context.log('hello from user code');
  context.task(1, 'RUNNING');
  process.stdout.write('printed\n');
  await passGate(context);
  context.task(1, 'COMPLETED');
  return 'done';
}

export async function throws(): Promise<never> {
  throw new Error('user code threw');
}

export async function exits(context: FixtureContext): Promise<never> {
  note(context, 'start');
  process.exit(3);
}

export async function outOfMemory(): Promise<number> {
  const hoard: unknown[] = [];
  for (;;) hoard.push(new Array(100_000).fill(hoard.length));
}

/** Blocks the event loop: no signal handler, no frame, no timer runs. */
export async function blocks(context: FixtureContext): Promise<never> {
  note(context, `start ${process.pid}`);
  process.stdout.write('blocking\n');
  await new Promise((resolve) => setTimeout(resolve, 20));
  for (;;);
}

/** Ignores every polite word, and starts a process that left its group. */
export async function stubborn(context: FixtureContext): Promise<never> {
  const grandchild = spawn(process.execPath, ['-e', 'process.on("SIGTERM", () => {}); console.log("up"); setInterval(() => {}, 1000)'], {
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  await once(grandchild.stdout, 'data');
  grandchild.unref();
  note(context, `grandchild ${grandchild.pid}`);
  process.stdout.write('ready\n');
  return new Promise(() => {});
}

export async function prints(context: FixtureContext): Promise<void> {
  process.stdout.write(`${'x'.repeat(40_000)}\n`);
  process.stdout.write(Buffer.from([0x61, 0xff, 0x00, 0x62, 0x0a]));
  process.stderr.write('to stderr\n');
  process.stdout.write('no newline at the end');
  note(context, 'printed');
}
