/** The program of a thread or process that runs isolated tasks: one call at a time, told by messages.ts. */
import { parentPort } from 'node:worker_threads';
import type { CallOp } from '@signalbox/proto/messages';
import { isTask } from '../../background.ts';
import { NonRetryableError } from '../../errors.ts';
import { loadModule } from '../../loading.ts';
import { UnserializableError } from '../../results/unserializable-error.ts';
import type { RunInfo } from '../../run-info.ts';
import { WakingCalls } from '../calls.ts';
import { captureConsole } from '../capture-output.ts';
import { withContext } from '../context.ts';
import { describeError } from '../failure.ts';
import { knownSecrets } from '../redaction.ts';
import type { Reporter } from '../reporter.ts';
import { NO_POLICY } from '../results/result-policy.ts';
import { RunSession, type TaskRunRecord } from '../session.ts';
import type { FromIsolated, IsolatedCall, ToIsolated } from './messages.ts';
import { ISOLATED } from './place.ts';
import { pack, packError, unpack } from './values.ts';

const kind = parentPort ? 'thread' : 'process';

function say(message: FromIsolated): void {
  if (parentPort) parentPort.postMessage(message);
  else process.send?.(message);
}

/** What its code asks of the control plane goes through the flow's process. */
class PassedOnCalls extends WakingCalls {
  readonly #open = new Map<number, PromiseWithResolvers<unknown>>();
  #numbered = 0;

  async call(op: CallOp, signal: AbortSignal): Promise<unknown> {
    signal.throwIfAborted();
    const id = ++this.#numbered;
    const open = Promise.withResolvers<unknown>();
    this.#open.set(id, open);
    const onAbort = () => open.reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    say({ type: 'ask', id, op });
    try {
      return await open.promise;
    } finally {
      signal.removeEventListener('abort', onAbort);
      this.#open.delete(id);
    }
  }

  answer(id: number, ok: unknown): void {
    this.#open.get(id)?.resolve(ok);
  }

  refuse(id: number, error: string): void {
    this.#open.get(id)?.reject(unpack(error));
  }
}

/** Task runs that it makes itself are part of it: they are retried and timed, and nobody is told of them. */
const reporter: Reporter = {
  started: () => {},
  task: () => {},
  log: (line) => say({ type: 'line', line: { ...line, ...(line.attributes && { attributes: asJson(line.attributes) }) } }),
  artifact: ({ data, at: _, taskOrdinal: __, ...artifact }) => say({ type: 'artifact', artifact, body: data.body }),
  ended: () => {},
};

function asJson(attributes: Record<string, unknown>): Record<string, unknown> {
  try {
    return JSON.parse(JSON.stringify(attributes)) as Record<string, unknown>;
  } catch {
    return { dropped: 'attributes that are no JSON' };
  }
}

let current: { readonly session: RunSession; readonly calls: PassedOnCalls } | null = null;

async function run(call: IsolatedCall): Promise<void> {
  for (const secret of call.secrets) knownSecrets.add(secret);
  const calls = new PassedOnCalls();
  const info: RunInfo = { ...call.run, parameters: unpack(call.parameters) as RunInfo['parameters'] };
  const session = new RunSession(info, reporter, calls);
  session.capturesConsole = call.capturesConsole;
  current = { session, calls };
  const own = recordOf(call);
  session.onAssetFacts = (record, uri, facts) => {
    if (record === own) say({ type: 'facts', uri, facts: asJson(facts) });
  };
  try {
    const fn = await find(call);
    const ctx = { session, run: info, task: own, signal: session.signal, results: NO_POLICY };
    const value = await withContext(ctx, async () => fn(...(unpack(call.args) as unknown[])));
    await session.settle();
    say({ type: 'ended', value: packValue(call, value) });
  } catch (error) {
    say({ type: 'failed', error: packError(error) });
  } finally {
    current = null;
  }
}

/** The function of the task. @throws NonRetryableError that says where it was looked for. */
async function find({ file, task }: IsolatedCall): Promise<(...args: unknown[]) => unknown> {
  const cannot = `task "${task}" cannot be isolated in a ${kind}`;
  const exports = await loadModule(file).catch((error: unknown) => {
    throw new NonRetryableError(`${cannot}: ${file}, where it is declared, could not be imported: ${describeError(error)}`, {
      cause: error,
    });
  });
  const found = Object.values(exports).find((value) => isTask(value) && value.name === task);
  if (isTask(found)) return found.fn as (...args: unknown[]) => unknown;
  const others = Object.entries(exports).flatMap(([name, value]) => (isTask(value) ? [`${name} (task "${value.name}")`] : []));
  throw new NonRetryableError(
    `${cannot}: expected ${file}, where it is declared, to export it; its exported tasks: ${others.join(', ') || 'none'}`,
  );
}

function packValue({ task }: IsolatedCall, value: unknown): string {
  try {
    return pack(value);
  } catch (error) {
    if (!(error instanceof UnserializableError)) throw error;
    throw new NonRetryableError(`task "${task}" cannot give its result from a ${kind}: of it ${describeError(error)}`);
  }
}

function recordOf({ record }: IsolatedCall): TaskRunRecord {
  return {
    ...record,
    kind: 'task',
    parentOrdinal: null,
    mapped: null,
    upstream: [],
    parentSpan: null,
    span: null,
    seq: 1,
    state: 'RUNNING',
    stateName: 'Running',
    startedAt: null,
    endedAt: null,
  };
}

function receive(message: ToIsolated): void {
  switch (message.type) {
    case 'call':
      void run(message);
      return;
    case 'abort':
      current?.session.abort(unpack(message.reason) as Error);
      return;
    case 'answer':
      current?.calls.answer(message.id, message.ok);
      return;
    case 'refused':
      current?.calls.refuse(message.id, message.error);
      return;
    default:
      message satisfies never;
  }
}

(globalThis as { [ISOLATED]?: true })[ISOLATED] = true;
captureConsole();
// What escapes its code fails the call; this place is in an unknown state, and ends.
const escaped = (error: unknown) => {
  if (current) say({ type: 'failed', error: packError(error), isOver: true });
  else console.error(error);
  setImmediate(() => process.exit(1));
};
process.on('uncaughtException', escaped).on('unhandledRejection', escaped);
if (parentPort) parentPort.on('message', receive);
else {
  process.on('message', receive);
  // Nobody is left to work for.
  process.on('disconnect', () => process.exit(0));
  // The flow's process hears the same signal, and decides.
  process.on('SIGTERM', () => {});
}
