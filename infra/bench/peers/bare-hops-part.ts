/** One process of `bare-hops.ts`: the plane with its commits, the agent with its journal, or a child that is told to call the job. */
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { createConnection, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { connect } from '@nats-io/transport-node';
import pg from 'pg';
import { LOOPBACK } from '../../dev/ports.ts';
import type { PartOptions, Span } from './bare-hops.ts';

const [role = '', text = '{}'] = process.argv.slice(2);
const options = JSON.parse(text) as PartOptions;
const parts: Record<string, () => Promise<unknown>> = { plane, agent, child };
await parts[role]?.();
process.send?.('ready');

async function plane(): Promise<void> {
  const pool = new pg.Pool({ connectionString: options.databaseUrl, max: options.lanes + 1 });
  const nc = await connect({ servers: options.natsUrl });
  const claim = async (): Promise<string | null> => {
    const { rows } = await pool.query<{ id: string }>({
      name: 'claim',
      text: `UPDATE bench_hops SET state = 'running' WHERE id =
        (SELECT id FROM bench_hops WHERE state = 'new' ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING id`,
    });
    return rows[0]?.id ?? null;
  };
  const endAndClaim = async (id: string): Promise<string | null> => {
    await pool.query({ name: 'end', text: `UPDATE bench_hops SET state = 'done' WHERE id = $1`, values: [id] });
    return claim();
  };
  nc.subscribe('hops.end', {
    callback: (_error, message) => void endAndClaim(message.string()).then((next) => message.respond(next ?? '')),
  });
  const server = createHttpServer(async (request, response) => {
    for await (const _ of request);
    await pool.query({ name: 'create', text: 'INSERT INTO bench_hops (payload) VALUES ($1)', values: ['{}'] });
    void claim().then((id) => id !== null && nc.publish('hops.start', id));
    response.end('{}');
  });
  await new Promise<void>((resolve) => server.listen(options.port, LOOPBACK, resolve));
  await nc.flush();
}

async function agent(): Promise<void> {
  const nc = await connect({ servers: options.natsUrl });
  const journal = await open(
    join(options.folder, 'journal'),
    constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND | constants.O_DSYNC,
  );
  const idle: Socket[] = [];
  const start = async (id: string, child: Socket | undefined): Promise<void> => {
    if (!child) throw new Error('more jobs than lanes');
    await journal.write(`start ${id}\n`);
    child.write(`${id}\n`);
  };
  const server = createServer({ noDelay: true }, (socket) => {
    idle.push(socket);
    createInterface({ input: socket }).on('line', async (line) => {
      const { id, span } = JSON.parse(line) as { id: string; span: Span };
      await journal.write(`end ${id}\n`);
      const next = (await nc.request('hops.end', id, { timeout: 30_000 })).string();
      if (next) await start(next, socket);
      else idle.push(socket);
      nc.publish('hops.done', JSON.stringify(span));
    });
  });
  nc.subscribe('hops.start', { callback: (_error, message) => void start(message.string(), idle.pop()) });
  await new Promise<void>((resolve) => server.listen(join(options.folder, 'agent.sock'), resolve));
  await nc.flush();
}

async function child(): Promise<void> {
  const socket = createConnection(join(options.folder, 'agent.sock'));
  await new Promise((resolve) => socket.once('connect', resolve));
  const now = () => performance.timeOrigin + performance.now();
  createInterface({ input: socket }).on('line', async (id) => {
    const began = now();
    if (options.jobMs > 0) await new Promise((resolve) => setTimeout(resolve, options.jobMs));
    socket.write(`${JSON.stringify({ id, span: [began, now()] })}\n`);
  });
}
