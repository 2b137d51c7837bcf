/**
 * One attempt of an isolated task, as the flow's process sees it. Its logs, artifacts and requests are told as the task's
 * own. Told to stop it may clean up for half a second; then its thread or process is ended, whatever its code does.
 */
import { NonRetryableError } from '../../errors.ts';
import { UnserializableError } from '../../results/unserializable-error.ts';
import type { IsolatedTask, TaskDefinition } from '../../task-definition.ts';
import type { EngineContext } from '../context.ts';
import { describeError } from '../failure.ts';
import { knownSecrets } from '../redaction.ts';
import type { TaskRunRecord } from '../session.ts';
import { type Host, takeHost } from './host.ts';
import type { FromIsolated, IsolatedCall } from './messages.ts';
import { pack, packError, unpack } from './values.ts';

export { inIsolationTurn } from './host.ts';

/** Less than the second after which a task has failed whatever its code does: it is dead by then. */
const KILL_AFTER_MS = 500;

/** What it gave. @throws what it threw; NonRetryableError when it cannot be isolated; the signal's reason. */
export async function callIsolated(ctx: EngineContext, task: TaskDefinition, args: readonly unknown[]): Promise<unknown> {
  const { signal, session } = ctx;
  const record = ctx.task as TaskRunRecord;
  const isolation = task.isolation as IsolatedTask;
  const call = toCall(ctx, task, isolation, args);
  signal.throwIfAborted();
  const host = takeHost(isolation.kind);
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  const artifacts = new Map<number, number>();
  let isReusable = false;
  const said = (message: FromIsolated) => {
    switch (message.type) {
      case 'line':
        session.tellLine(message.line, record);
        return;
      case 'artifact': {
        const { ordinal, ...artifact } = message.artifact;
        artifacts.set(ordinal, session.artifact(artifact, message.body, record, artifacts.get(ordinal)));
        return;
      }
      case 'facts': {
        const known = session.assetFacts.get(record) ?? new Map<string, Readonly<Record<string, unknown>>>();
        session.assetFacts.set(record, known.set(message.uri, message.facts));
        return;
      }
      case 'ask':
        void answer(ctx, host, message);
        return;
      default:
        isReusable = message.type === 'ended' || !message.isOver;
        if (message.type === 'ended') resolve(unpack(message.value));
        else reject(unpack(message.error));
    }
  };
  host.listen({ said, gone: reject });
  const stop = stopper(host, signal, reject);
  host.tell(call);
  try {
    return await promise;
  } finally {
    stop();
    if (isReusable) host.giveBack();
    else {
      host.listen(null);
      await host.kill();
    }
  }
}

/** Passes an abort on, and after the grace ends what is left. */
function stopper(host: Host, signal: AbortSignal, reject: (reason: unknown) => void): () => void {
  let timer: NodeJS.Timeout | undefined;
  const onAbort = () => {
    host.tell({ type: 'abort', reason: packError(signal.reason) });
    timer = setTimeout(() => void host.kill().finally(() => reject(signal.reason)), KILL_AFTER_MS);
  };
  signal.addEventListener('abort', onAbort, { once: true });
  return () => {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  };
}

async function answer({ session, signal }: EngineContext, host: Host, { id, op }: Extract<FromIsolated, { type: 'ask' }>): Promise<void> {
  try {
    host.tell({ type: 'answer', id, ok: (await session.calls.call(op, signal)) ?? null });
  } catch (error) {
    host.tell({ type: 'refused', id, error: packError(error) });
  }
}

function toCall(ctx: EngineContext, task: TaskDefinition, isolation: IsolatedTask, args: readonly unknown[]): IsolatedCall {
  const { session } = ctx;
  const { parameters, ...run } = ctx.run;
  const { ordinal, key, scope, occurrence, name, attempt, isInTask } = ctx.task as TaskRunRecord;
  const file = isolation.file();
  if (file === null) {
    throw new NonRetryableError(
      `task "${task.name}" cannot be isolated: expected it to be declared in a file that exports it, so that a ${isolation.kind} can import it`,
    );
  }
  return {
    type: 'call',
    file,
    task: isolation.exportedAs,
    args: packArguments(task, isolation, args),
    run,
    parameters: packParameters(parameters),
    record: { ordinal, key, scope, occurrence, name, attempt, isInTask },
    capturesConsole: session.capturesConsole,
    secrets: knownSecrets.list(),
  };
}

function packArguments(task: TaskDefinition, { kind }: IsolatedTask, args: readonly unknown[]): string {
  try {
    return pack(args);
  } catch (error) {
    if (!(error instanceof UnserializableError)) throw error;
    throw new NonRetryableError(`task "${task.name}" cannot be called in a ${kind}: of its arguments ${describeError(error)}`);
  }
}

/** A schema may make of parameters what cannot travel; its task takes what it needs as arguments. */
function packParameters(parameters: unknown): string {
  try {
    return pack(parameters);
  } catch {
    return pack(JSON.parse(JSON.stringify(parameters)));
  }
}
