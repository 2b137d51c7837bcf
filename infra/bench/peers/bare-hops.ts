/**
 * The floor of our way: the same processes, durable commits and hops, and nothing else in them.
 *
 *   client --HTTP--> plane --NATS--> agent --socket--> child
 *                    commits          journal           says when its code was called
 *
 * A trigger costs the commit of a run, the commit of its claim, a journal write; handing a slot over costs a journal write of the end, its
 * commit, the commit of the next claim, a journal write. No schema, limits, history, tenants, checks, leases or retries.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import pg from 'pg';
import { natsBinary } from '../../dev/nats-binary.ts';
import { freePort, LOOPBACK } from '../../dev/ports.ts';
import { startProcess, stopProcess, untilReady } from '../../dev/processes.ts';

export const BARE_HOPS = 'bare hops and commits';

/** When a job's code was called and when it went, Unix milliseconds. */
export type Span = readonly [began: number, ended: number];
export type PartOptions = {
  readonly databaseUrl: string;
  readonly natsUrl: string;
  readonly port: number;
  readonly folder: string;
  readonly lanes: number;
  readonly jobMs: number;
};

/** Milliseconds from the request to the first line of the job, one in flight. */
export function triggerLatencies(databaseUrl: string, samples: number): Promise<number[]> {
  return withParts(databaseUrl, { lanes: 1, jobMs: 0 }, async ({ url, nextSpan }) => {
    const latencies: number[] = [];
    for (let i = 0; i < samples + WARM_UP; i++) {
      const arrived = nextSpan();
      const from = performance.timeOrigin + performance.now();
      const response = await fetch(url, { method: 'POST', body: '{}' });
      await response.text();
      const [began] = await arrived;
      if (i >= WARM_UP) latencies.push(began - from);
    }
    return latencies;
  });
}

/** Milliseconds from the first job's code to the last one's end: `count` jobs of `jobMs`, `limit` at once. */
export function limited(databaseUrl: string, count: number, jobMs: number, limit: number): Promise<number> {
  return withParts(databaseUrl, { lanes: limit, jobMs }, async ({ url, pool, spans, untilSpans }) => {
    for (const jobs of [WARM_UP, count]) {
      await pool.query('INSERT INTO bench_hops (payload) SELECT $1 FROM generate_series(1, $2::int)', ['{}', jobs - limit]);
      spans.length = 0;
      // The first of each lane is triggered; the others are handed over.
      for (let lane = 0; lane < limit; lane++) await (await fetch(url, { method: 'POST', body: '{}' })).text();
      await untilSpans(jobs);
    }
    return Math.max(...spans.map(([, ended]) => ended)) - Math.min(...spans.map(([began]) => began));
  });
}

const WARM_UP = 20;
type Parts = {
  readonly url: string;
  readonly pool: pg.Pool;
  readonly spans: Span[];
  nextSpan(): Promise<Span>;
  untilSpans(count: number): Promise<void>;
};

async function withParts<T>(
  databaseUrl: string,
  { lanes, jobMs }: Pick<PartOptions, 'lanes' | 'jobMs'>,
  measure: (parts: Parts) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-hops-'));
  const [natsPort, port] = [await freePort(), await freePort()];
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 1 });
  const nats = await startNats(folder, natsPort);
  const children: ChildProcess[] = [];
  let nc: NatsConnection | null = null;
  try {
    await pool.query('CREATE TABLE bench_hops (id bigserial PRIMARY KEY, payload jsonb NOT NULL, state text NOT NULL DEFAULT $$new$$)');
    await pool.query(`CREATE INDEX ON bench_hops (id) WHERE state = 'new'`);
    nc = await connect({ servers: `${LOOPBACK}:${natsPort}` });
    const spans: Span[] = [];
    let look = (): void => {};
    nc.subscribe('hops.done', {
      callback: (_error, message) => {
        spans.push(message.json<Span>());
        look();
      },
    });
    await nc.flush();
    const options: PartOptions = { databaseUrl, natsUrl: `${LOOPBACK}:${natsPort}`, port, folder, lanes, jobMs };
    for (const role of ['plane', 'agent', ...Array.from({ length: lanes }, () => 'child')]) children.push(await startPart(role, options));
    const untilSpans = (count: number) =>
      new Promise<void>((resolve) => {
        look = () => spans.length >= count && resolve();
        look();
      });
    const nextSpan = async (): Promise<Span> => {
      const count = spans.length + 1;
      await untilSpans(count);
      return spans[count - 1] as Span;
    };
    return await measure({ url: `http://${LOOPBACK}:${port}/`, pool, spans, nextSpan, untilSpans });
  } finally {
    for (const child of children) child.kill('SIGKILL');
    await nc?.close();
    await stopProcess(nats);
    await pool.query('DROP TABLE IF EXISTS bench_hops');
    await pool.end();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function startNats(folder: string, port: number) {
  const args = ['-a', LOOPBACK, '-p', String(port)];
  const isReady = async () =>
    connect({ servers: `${LOOPBACK}:${port}`, maxReconnectAttempts: 0 }).then(
      (nc) => nc.close().then(() => true),
      () => false,
    );
  const started = await startProcess(
    { name: 'bare-nats', command: await natsBinary(), args, stopSignal: 'SIGKILL', stopGraceMs: 1_000, isReady },
    folder,
    'bare-hops',
  );
  await untilReady(started, folder);
  return started;
}

function startPart(role: string, options: PartOptions): Promise<ChildProcess> {
  const child = fork(new URL('./bare-hops-part.ts', import.meta.url), [role, JSON.stringify(options)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  return new Promise((resolve, reject) => {
    child.once('message', () => resolve(child));
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`a part of the bare hops, ${role}, ended with ${code}`)));
  });
}
