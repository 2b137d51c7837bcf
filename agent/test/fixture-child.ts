/**
 * A small child that speaks `proto/messages/child` as the SDK's does: it connects again when the supervisor comes back,
 * keeps what it told until that is acknowledged, and calls the flow that `load` names with a plain context.
 */
import { createConnection, type Socket } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CHILD_ENV, type FromChild, type RunEpoch, type ToChild } from '@signalbox/proto/messages';
import { encodeFrame, FrameReader } from '../src/launchers/frames.ts';

type Told = Extract<FromChild, { n: number }>;
type Unnumbered = Told extends infer T ? (T extends Told ? Omit<T, 'n' | 'at'> : never) : never;
export interface FixtureContext {
  parameters: unknown;
  signal: AbortSignal;
  log(message: string): void;
  task(ordinal: number, state: 'RUNNING' | 'COMPLETED'): void;
}
type FixtureFlow = (context: FixtureContext) => Promise<unknown>;

const abort = new AbortController();
const unacknowledged: Told[] = [];
let socket: Socket | null = null;
let holding: RunEpoch | null = null;
let flow: FixtureFlow | null = null;
let n = 0;

// Async user code sees the AbortSignal; the process is the supervisor's to end.
process.on('SIGTERM', () => abort.abort());

function connect(): void {
  const reader = new FrameReader();
  const next = createConnection(process.env[CHILD_ENV.socket] ?? '');
  next.on('connect', () => {
    socket = next;
    say({ type: 'hello', v: 1, token: process.env[CHILD_ENV.token] ?? '', pid: process.pid, sdkVersion: 'fixture', holding });
    for (const frame of unacknowledged) next.write(encodeFrame(frame));
  });
  next.on('data', (chunk) => {
    for (const frame of reader.push(chunk)) void hear(frame as ToChild);
  });
  next.on('error', () => {});
  next.on('close', () => {
    socket = null;
    setTimeout(connect, 25);
  });
}

const say = (frame: FromChild) => void socket?.write(encodeFrame(frame));

function tell(frame: Unnumbered): void {
  const told = { ...frame, n: ++n, at: new Date().toISOString() } as Told;
  unacknowledged.push(told);
  say(told);
}

async function hear(frame: ToChild): Promise<void> {
  if (frame.type === 'load') await load(frame.source);
  if (frame.type === 'start') await run(frame);
  if (frame.type === 'cancel') abort.abort();
  if (frame.type === 'retire') process.exit(0);
  if (frame.type === 'ack') {
    while ((unacknowledged[0]?.n ?? Number.POSITIVE_INFINITY) <= frame.n) {
      const done = unacknowledged.shift();
      if (done?.type === 'ended') process.exit(0);
    }
  }
}

async function load(source: Extract<ToChild, { type: 'load' }>['source']): Promise<void> {
  try {
    if (source.kind !== 'path') throw new Error('the fixture loads paths only');
    const module = (await import(pathToFileURL(join(source.root, source.entrypoint)).href)) as Record<string, FixtureFlow>;
    flow = module[source.exportName] ?? null;
    if (!flow) throw new Error(`${source.entrypoint} exports no ${source.exportName}`);
    say({ type: 'loaded', flowName: source.exportName });
  } catch (error) {
    say({ type: 'load-failed', failure: { kind: 'crashed', message: error instanceof Error ? error.message : String(error) } });
  }
}

async function run(frame: Extract<ToChild, { type: 'start' }>): Promise<void> {
  holding = { run: frame.run.run, epoch: frame.run.epoch };
  process.env[CHILD_ENV.run] = frame.run.run;
  tell({ type: 'started' });
  const at = () => new Date().toISOString();
  const context: FixtureContext = {
    parameters: frame.parameters.body,
    signal: abort.signal,
    log: (message) => tell({ type: 'logs', lines: [{ at: at(), level: 'info', stream: 'logger', taskOrdinal: null, message }] }),
    task: (ordinal, state) =>
      tell({
        type: 'task',
        task: {
          ordinal,
          seq: state === 'RUNNING' ? 1 : 2,
          kind: 'task',
          taskKey: 't',
          name: `t-${ordinal}`,
          parentOrdinal: null,
          upstream: [],
          state,
          stateName: state === 'RUNNING' ? 'Running' : 'Completed',
          attempt: 1,
          startedAt: at(),
          endedAt: state === 'RUNNING' ? null : at(),
        },
      }),
  };
  try {
    const result = await flow?.(context);
    tell({ type: 'ended', state: 'COMPLETED', result: { encoding: 'json', body: result ?? null } });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const isCancelled = abort.signal.aborted;
    tell({
      type: 'ended',
      state: isCancelled ? 'CANCELLED' : 'FAILED',
      message,
      failure: { kind: isCancelled ? 'cancelled' : 'application', message },
    });
  }
}

connect();
