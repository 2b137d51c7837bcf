/**
 * The floor under a no-op run: its durable steps and hops between processes, and nothing else. A row is made, claimed in a group,
 * fsynced in a journal, handed to a process over a local socket, told as started and ended, fsynced, and ended in a group. There
 * is no NATS, HTTP, tenant, limit, epoch, lease, history of states, event, schema or retry. `node floor.ts URL COUNT` prints JSON.
 */
import { execFile, fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { cpuOfTree } from '../costs.ts';

export const FLOOR = 'same commits, fsyncs and hops, no logic';

type Floor = { readonly perSecond: number; readonly cpuUs: number };

/** Runs a second, and processor microseconds a run of its own processes, without Postgres. */
export async function floorOf(databaseUrl: string, count: number): Promise<Floor> {
  const { stdout } = await promisify(execFile)(process.execPath, [import.meta.filename, databaseUrl, String(count)]);
  return JSON.parse(stdout) as Floor;
}

const CHILDREN = 16;
const GROUP = 8;

function send(socket: Socket, frame: object): void {
  const json = Buffer.from(JSON.stringify(frame));
  const head = Buffer.allocUnsafe(4);
  head.writeUInt32BE(json.length);
  socket.write(Buffer.concat([head, json]));
}

function receive(socket: Socket, take: (frame: { type: string; id: string }) => void): void {
  let rest = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    rest = rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([rest, chunk]);
    while (rest.length >= 4 && rest.length >= 4 + rest.readUInt32BE()) {
      const end = 4 + rest.readUInt32BE();
      take(JSON.parse(rest.toString('utf8', 4, end)));
      rest = rest.subarray(end);
    }
  });
}

async function main(databaseUrl: string, count: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-floor-'));
  const path = join(folder, 's');
  const free: Socket[] = [];
  const ended: string[] = [];
  let heard = (): void => {};
  const server = createServer((socket) => {
    receive(socket, ({ type, id }) => {
      if (type === 'ended') ended.push(id);
      if (type !== 'started') free.push(socket);
      heard();
    });
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const children = Array.from({ length: CHILDREN }, () => fork(import.meta.filename, [path]));
  const db = new pg.Client({ connectionString: databaseUrl });
  await db.connect();
  await db.query('DROP TABLE IF EXISTS floor_run');
  await db.query(`CREATE TABLE floor_run (id uuid PRIMARY KEY, owner uuid NOT NULL, state text NOT NULL, due_at timestamptz NOT NULL,
    parameters jsonb NOT NULL, claimed_at timestamptz, ended_at timestamptz, result jsonb) WITH (fillfactor = 50)`);
  await db.query(`CREATE INDEX floor_run_list ON floor_run (owner, id DESC)`);
  await db.query(`CREATE INDEX floor_run_due ON floor_run (due_at, id) WHERE state = 'SCHEDULED'`);
  const journal = await open(join(folder, 'journal'), 'a');
  const keep = async (lines: readonly object[]) => {
    await journal.write(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    await journal.datasync();
  };
  while (free.length < CHILDREN) await new Promise<void>((resolve) => (heard = resolve));

  const flood = async (runs: number) => {
    for (let from = 0; from < runs; from += 1_000)
      await db.query({
        name: 'make',
        text: `INSERT INTO floor_run (id, owner, state, due_at, parameters)
          SELECT gen_random_uuid(), '00000000-0000-7000-8000-000000000000', 'SCHEDULED', now(), '{"encoding":"json","body":{}}' FROM generate_series(1, $1::int)`,
        values: [Math.min(1_000, runs - from)],
      });
    let done = 0;
    let left = true;
    while (done < runs) {
      if (left && free.length >= Math.min(GROUP, runs - done)) {
        const { rows } = await db.query<{ id: string }>({
          name: 'claim',
          text: `UPDATE floor_run SET state = 'RUNNING', claimed_at = now() WHERE id = ANY (ARRAY(
            SELECT id FROM floor_run WHERE state = 'SCHEDULED' ORDER BY due_at, id LIMIT $1 FOR UPDATE SKIP LOCKED)) RETURNING id`,
          values: [free.length],
        });
        left = rows.length > 0;
        if (left) await keep(rows);
        for (const { id } of rows) send(free.shift() as Socket, { type: 'start', id, parameters: { encoding: 'json', body: {} } });
      }
      if (ended.length === 0) await new Promise<void>((resolve) => (heard = resolve));
      const ids = ended.splice(0);
      if (ids.length === 0) continue;
      await keep(ids.map((id) => ({ id, state: 'COMPLETED' })));
      await db.query({
        name: 'end',
        text: `UPDATE floor_run r SET state = 'COMPLETED', ended_at = now(), result = '{"encoding":"json","body":0}' FROM unnest($1::uuid[]) u (id) WHERE r.id = u.id`,
        values: [ids],
      });
      done += ids.length;
    }
  };
  await flood(Math.min(500, count));
  const [from, spent] = [performance.now(), cpuOfTree(process.pid)];
  await flood(count);
  const seconds = (performance.now() - from) / 1_000;
  const cpuUs = (cpuOfTree(process.pid) - spent) / count;
  await db.query('DROP TABLE floor_run');
  await db.end();
  for (const child of children) child.kill();
  rmSync(folder, { recursive: true, force: true });
  process.stdout.write(JSON.stringify({ perSecond: count / seconds, cpuUs } satisfies Floor));
  process.exit(0);
}

/** The process that user code would run in. */
function child(path: string): void {
  const socket = connect(path);
  socket.on('close', () => process.exit(0));
  send(socket, { type: 'hello', id: '' });
  receive(socket, ({ id }) => {
    send(socket, { type: 'started', id, at: new Date().toISOString() });
    send(socket, {
      type: 'ended',
      id,
      at: new Date().toISOString(),
      state: 'COMPLETED',
      result: { encoding: 'json', body: performance.now() },
    });
  });
}

if (process.argv[1] === import.meta.filename) {
  const [, , first = '', count] = process.argv;
  if (count === undefined) child(first);
  else await main(first, Number(count));
}
