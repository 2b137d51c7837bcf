/**
 * Tenants' JSON Schemas are compiled and checked on threads of their own, with a hard limit in time and memory: a pattern
 * that backtracks for ever holds up neither the process that serves everybody nor, after its first overrun, other tenants.
 *
 * Two lanes, a thread each, one job at a time. Schemas start in the `open` lane. One that overran its time goes to the
 * `suspect` lane until it was quick again; after three overruns in a row it rests and is refused at once. A thread that
 * overruns is ended and started anew with the next job.
 */
import { Worker } from 'node:worker_threads';
import type { FieldIssue } from '@signalbox/proto';
import { AppError, limitExceeded, unavailable } from './errors.ts';

/** Starting a thread on a machine that is busy. */
const START_MS = 30_000;
/** Compiling is paid once a schema. */
const COMPILE_MS = 3_000;
const STRIKES = 3;
const REST_MS = 60_000;
const MAX_WAITING = 2_000;
const MAX_SUSPECTS = 500;
const RESOURCES = { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 16 };

export type SchemaJob = {
  /** The schema as JSON text; also the key under which its validator is remembered. */
  readonly schema: string;
  readonly values: readonly unknown[];
  /** `defaults`: what is missing is no issue yet. */
  readonly mode: 'complete' | 'defaults';
};
export type SchemaWorkerMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'compiled' }
  | { readonly kind: 'done'; readonly issues?: FieldIssue[][]; readonly unusable?: string };

/** Issues of each value, in order; or why the schema itself is of no use. */
export type SchemaAnswer = { readonly issues: FieldIssue[][] } | { readonly unusable: string };

type Pending = {
  readonly job: SchemaJob;
  readonly checkMs: number;
  resolve(answer: SchemaAnswer): void;
  reject(error: Error): void;
};

const suspects = new Map<string, { strikes: number; atMs: number }>();
const lanes = { open: openLane(), suspect: openLane() };

/**
 * @throws LIMIT_EXCEEDED when checking all values together within `checkMs` took too long, UNAVAILABLE when compiling did: what is
 * stored compiled once, so that it is this machine that is slow now.
 */
export async function runSchemaJob(job: SchemaJob, checkMs: number): Promise<SchemaAnswer> {
  const what = 'Checking the parameters against their schema';
  const suspect = suspects.get(job.schema);
  const restsForMs = suspect && suspect.strikes >= STRIKES ? suspect.atMs + REST_MS - performance.now() : 0;
  if (restsForMs > 0)
    throw limitExceeded(`${what} took too long before; mend its patterns and deploy again.`, { retryAfterMs: restsForMs });
  try {
    const answer = await lanes[suspect ? 'suspect' : 'open'](job, checkMs);
    suspects.delete(job.schema);
    return answer;
  } catch (error) {
    if (!(error instanceof Overrun)) throw error;
    const isCompiling = error.phase === 'compile';
    suspects.delete(job.schema);
    suspects.set(job.schema, { strikes: isCompiling ? 1 : (suspect?.strikes ?? 0) + 1, atMs: performance.now() });
    if (suspects.size > MAX_SUSPECTS) suspects.delete(suspects.keys().next().value as string);
    if (isCompiling) throw unavailable(`Compiling the parameter schema ${error.message} and was given up. Try again.`, { cause: error });
    throw limitExceeded(`${what} ${error.message} and was given up.`);
  }
}

class Overrun extends Error {
  readonly phase: 'compile' | 'check';

  constructor(phase: 'compile' | 'check', message: string) {
    super(message);
    this.phase = phase;
  }
}

function openLane(): (job: SchemaJob, checkMs: number) => Promise<SchemaAnswer> {
  const waiting: Pending[] = [];
  let current: Pending | null = null;
  let worker: Worker | null = null;
  let ready = false;
  let phase: 'compile' | 'check' = 'compile';
  let timer: NodeJS.Timeout | undefined;

  const within = (ms: number, expired: () => void) => {
    clearTimeout(timer);
    timer = setTimeout(expired, ms);
  };
  const finish = (settle: (pending: Pending) => void) => {
    clearTimeout(timer);
    const done = current;
    current = null;
    worker?.unref();
    if (done) settle(done);
    next();
  };
  /** Whatever the thread is in the middle of ends with it. */
  const drop = () => {
    const dropped = worker;
    worker = null;
    ready = false;
    dropped?.removeAllListeners();
    dropped?.on('error', () => {});
    void dropped?.terminate();
  };
  const fail = (error: Error) => {
    drop();
    finish((pending) => pending.reject(error));
  };
  const start = () => {
    const started = new Worker(new URL('./schema-worker.ts', import.meta.url), { resourceLimits: RESOURCES });
    started.on('message', (message: SchemaWorkerMessage) => {
      if (message.kind === 'ready') {
        ready = true;
        send();
      } else if (message.kind === 'compiled') {
        const checkMs = current?.checkMs ?? 0;
        phase = 'check';
        within(checkMs, () => fail(new Overrun('check', `took longer than ${checkMs} ms`)));
      } else {
        const { issues, unusable } = message;
        finish((pending) => pending.resolve(unusable === undefined ? { issues: issues ?? [] } : { unusable }));
      }
    });
    started.on('error', (error: NodeJS.ErrnoException) =>
      fail(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? new Overrun(phase, 'needed too much memory') : error),
    );
    return started;
  };
  const send = () => {
    if (!current) return;
    phase = 'compile';
    within(COMPILE_MS, () => fail(new Overrun('compile', `took longer than ${COMPILE_MS} ms`)));
    worker?.postMessage(current.job);
  };
  const next = () => {
    if (current) return;
    current = waiting.shift() ?? null;
    if (!current) return;
    worker ??= start();
    worker.ref();
    if (ready) send();
    else within(START_MS, () => fail(new AppError('UNAVAILABLE', 'The thread that checks parameters did not start. Try again.')));
  };

  return (job, checkMs) =>
    new Promise((resolve, reject) => {
      if (waiting.length >= MAX_WAITING) {
        reject(limitExceeded('Too many parameter checks wait. Try again in a moment.', { retryAfterMs: 1_000 }));
        return;
      }
      waiting.push({ job, checkMs, resolve, reject });
      next();
    });
}
