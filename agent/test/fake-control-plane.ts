/**
 * A control plane for the agent's tests: a real nats-server, a small HTTP server, and the least of a database in memory.
 * It keeps to the contract (claims by id, one grant an epoch, watermarks) and can be told to fall silent.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, createServer as createSocketServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection, nanos } from '@nats-io/transport-node';
import { toId, uuidv7 } from '@signalbox/proto';
import type { Claim, ClaimedRun, Hello, Permit, Renew, Report, ReportEntry, RunEpoch } from '@signalbox/proto/messages';
import type { AgentVerb } from '@signalbox/proto/subjects';
import { natsBinary } from '../../infra/dev/nats-binary.ts';
import { Bell } from '../src/bell.ts';

const newId = <K extends Parameters<typeof toId>[0]>(kind: K) => toId(kind, uuidv7(Date.now()));
/** The real one offers again every 5 s while ready work remains. */
const OFFER_AGAIN_MS = 500;
type Answer = { ok: unknown } | { error: { code: string; message: string; details?: object } };

export interface FakeOptions {
  readonly renewEveryMs?: number;
  readonly claimEveryMs?: { min: number; max: number };
}

export class FakeControlPlane implements AsyncDisposable {
  readonly agent = newId('agent');
  readonly pool = newId('workPool');
  readonly workspace = { id: newId('workspace'), slug: 'default' };
  url = '';
  natsUrl = '';
  session = 0;
  timeline = 1;
  readonly hellos: Hello[] = [];
  readonly renewals: Renew[] = [];
  readonly permits: Permit[] = [];
  readonly claims: Claim[] = [];
  readonly entries: Record<'state' | 'bulk', ReportEntry[]> = { state: [], bulk: [] };
  /** Verbs that get no answer: what they ask is done all the same (`lost`), or not even that (`deaf`). */
  readonly lost = new Set<AgentVerb>();
  readonly deaf = new Set<AgentVerb>();
  readonly toCancel: RunEpoch[] = [];
  readonly notYours: RunEpoch[] = [];
  refuseEntry: (entry: ReportEntry) => boolean = () => false;
  readonly #options: FakeOptions;
  readonly #bell = new Bell();
  readonly #ready: ClaimedRun[] = [];
  readonly #answers = new Map<string, ClaimedRun[]>();
  readonly #granted = new Map<string, string>();
  readonly #watermarks = new Map<string, number>();
  readonly #folder = mkdtempSync(join(tmpdir(), 'sb-fake-'));
  #nats: ChildProcess | null = null;
  #connection: NatsConnection | null = null;
  #http: Server | null = null;
  #repeat: NodeJS.Timeout | undefined;
  #epoch = 0;
  #held: RunEpoch[] = [];

  private constructor(options: FakeOptions) {
    this.#options = options;
  }

  static async start(options: FakeOptions = {}): Promise<FakeControlPlane> {
    const fake = new FakeControlPlane(options);
    await fake.#startNats();
    await fake.#startHttp();
    fake.#repeat = setInterval(() => fake.#ready.length > 0 && void fake.offer(), OFFER_AGAIN_MS);
    return fake;
  }

  // ------------------------------------------------------------------ what a test does and sees

  /** Makes a run ready, and offers it. */
  add(exportName: string, parameters: object, more: Partial<ClaimedRun> = {}): RunEpoch {
    const run: ClaimedRun = {
      run: newId('run'),
      epoch: ++this.#epoch,
      name: 'calm-otter',
      attempt: 1,
      flow: { id: newId('flow'), name: exportName },
      deployment: { id: toId('deployment', '01890000-0000-7000-8000-000000000001'), name: exportName },
      digest: 'digest-1',
      source: { kind: 'path', root: import.meta.dirname, entrypoint: 'sdk-flows.ts', exportName },
      launcher: 'process',
      variables: {},
      isolation: 'fresh',
      parameters: { encoding: 'json', body: parameters },
      tags: [],
      dueAt: new Date().toISOString(),
      dueInMs: 0,
      timeoutMs: null,
      graceMs: 500,
      startTimeoutMs: 60_000,
      retry: { retries: 0, delaysMs: [] },
      granted: false,
      ...more,
    };
    this.#ready.push(run);
    void this.offer();
    return { run: run.run, epoch: run.epoch };
  }

  /** "This pool has work." */
  async offer(): Promise<void> {
    const offer = JSON.stringify({ v: 1, pool: bare(this.pool) });
    // A lost offer costs time only; a test that closes meanwhile loses one.
    if (this.#connection)
      await jetstream(this.#connection)
        .publish(`d.0.A.${bare(this.pool)}`, offer)
        .catch(() => {});
  }

  command(verb: string, body: object): void {
    this.#connection?.publish(`cmd.${bare(this.agent)}.${verb}`, JSON.stringify(body));
  }

  of<T extends ReportEntry['type']>(run: RunEpoch, type: T): Extract<ReportEntry, { type: T }>[] {
    const all = [...this.entries.state, ...this.entries.bulk];
    return all.filter((entry) => entry.run === run.run && entry.epoch === run.epoch && entry.type === type) as Extract<
      ReportEntry,
      { type: T }
    >[];
  }

  end(run: RunEpoch): Extract<ReportEntry, { type: 'run.ended' }> | undefined {
    return this.of(run, 'run.ended')[0];
  }

  logText(run: RunEpoch): string {
    return this.of(run, 'logs')
      .flatMap(({ lines }) => lines.map((line) => `${line.stream}: ${line.message}`))
      .join('\n');
  }

  /** Resolves when the fact holds; looked at after every message. */
  async until(fact: () => boolean, signal: AbortSignal): Promise<void> {
    while (!fact()) {
      if (signal.aborted) throw new Error(`gave up waiting for ${fact}\nstate: ${JSON.stringify(this.entries.state, null, 1)}`);
      await this.#bell.wait(signal);
    }
  }

  /** kill -9 of nats-server and a new one on the same port with the same store. */
  async restartNats(): Promise<void> {
    const { port } = new URL(this.natsUrl);
    const gone = new Promise((resolve) => this.#nats?.once('exit', resolve));
    this.#nats?.kill('SIGKILL');
    await gone;
    await this.#startNats(Number(port));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#repeat);
    await this.#connection?.close();
    this.#http?.closeAllConnections();
    this.#http?.close();
    this.#nats?.kill('SIGKILL');
    rmSync(this.#folder, { recursive: true, force: true });
  }

  // ------------------------------------------------------------------ HTTP

  async #startHttp(): Promise<void> {
    this.#http = createServer((request, response) => {
      response.setHeader('content-type', 'application/json');
      if (request.url === '/health') return void response.end('{}');
      const expiresAt = new Date(Date.now() + 86_400_000).toISOString();
      const jwt = `x.${Buffer.from(JSON.stringify({ iat: Math.floor(Date.now() / 1000) })).toString('base64url')}.x`;
      if (request.url === '/api/agents/token') return void response.end(JSON.stringify({ jwt, expiresAt }));
      const { agent, workspace } = this;
      const enrolled = { agent, name: 'test', workspace, pool: { id: this.pool, name: 'local' }, jwt, expiresAt, natsUrls: [this.natsUrl] };
      response.end(JSON.stringify(enrolled));
    });
    await new Promise<void>((resolve) => this.#http?.listen(0, '127.0.0.1', resolve));
    this.url = `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
  }

  // ------------------------------------------------------------------ NATS

  async #startNats(samePort?: number): Promise<void> {
    const port = samePort ?? (await freePort());
    // The accounts of production import the JetStream API under this name; one account maps it.
    const mapping = '"RUNS.API.CONSUMER.MSG.NEXT.*.*": "$JS.API.CONSUMER.MSG.NEXT.$1.$2"';
    const conf = `listen: 127.0.0.1:${port}\njetstream { store_dir: "${this.#folder}/js" }\nmappings { ${mapping} }\n`;
    writeFileSync(join(this.#folder, 'nats.conf'), conf);
    this.#nats = spawn(await natsBinary(), ['-c', join(this.#folder, 'nats.conf')], { stdio: 'ignore' });
    this.natsUrl = `nats://127.0.0.1:${port}`;
    if (this.#connection) return;
    this.#connection = await connect({ servers: this.natsUrl, waitOnFirstConnect: true, maxReconnectAttempts: -1, reconnectTimeWait: 50 });
    const manager = await jetstreamManager(this.#connection);
    await manager.streams.add({ name: 'D0', subjects: ['d.0.>'], retention: 'workqueue' });
    await manager.consumers.add('D0', {
      durable_name: bare(this.pool),
      ack_policy: 'explicit',
      ack_wait: nanos(2_000),
      filter_subject: `d.0.A.${bare(this.pool)}`,
    });
    this.#connection.subscribe('rt.*.*', {
      callback: (_error, message) => {
        const verb = message.subject.split('.')[2] as AgentVerb;
        if (this.deaf.has(verb)) return;
        const answer = this.#answer(verb, message.json());
        if (!this.lost.has(verb)) message.respond(JSON.stringify(answer));
        this.#bell.ring();
      },
    });
    await this.#connection.flush();
  }

  #answer(verb: AgentVerb, body: unknown): Answer {
    const { session } = body as { session?: number };
    const isStale = !['hello', 'token'].includes(verb) && session !== this.session;
    if (isStale) return { error: { code: 'PRECONDITION_FAILED', message: 'the session is over', details: { reason: 'session' } } };
    switch (verb) {
      case 'hello':
        return { ok: this.#hello(body as Hello) };
      case 'claim':
        return { ok: this.#claim(body as Claim) };
      case 'permit':
        return { ok: this.#permit(body as Permit) };
      case 'renew':
        return { ok: this.#renew(body as Renew) };
      case 'state':
      case 'bulk':
        return this.#report(verb, body as Report);
      default:
        return { ok: {} };
    }
  }

  #hello(hello: Hello) {
    this.hellos.push(hello);
    this.#held = [...hello.holding];
    const { renewEveryMs = 200, claimEveryMs = { min: 20_000, max: 40_000 } } = this.#options;
    const watermark = (channel: string) => this.#watermarks.get(`${hello.spoolId}:${channel}`) ?? 0;
    return {
      session: ++this.session,
      serverTime: new Date().toISOString(),
      protocol: 1,
      workspace: this.workspace,
      pool: { id: this.pool, name: 'local' },
      offers: { stream: 'D0', consumer: bare(this.pool) },
      renewEveryMs,
      leaseMs: 60_000,
      claimEveryMs,
      prefetchMs: 2_000,
      timeline: this.timeline,
      watermarks: { state: watermark('state'), bulk: watermark('bulk') },
      notYours: this.notYours,
    };
  }

  #claim(claim: Claim) {
    this.claims.push(claim);
    const known = this.#answers.get(claim.claimId);
    const warm = new Map(claim.warm.map(({ digest, count }) => [digest, count]));
    const runs = known ?? this.#ready.splice(0, claim.free).map((run) => this.#give(run, warm));
    this.#answers.set(claim.claimId, runs);
    return { runs, more: false, timeline: this.timeline };
  }

  #give(run: ClaimedRun, warm: Map<string, number>): ClaimedRun {
    const left = warm.get(run.digest) ?? 0;
    warm.set(run.digest, left - 1);
    this.#held.push({ run: run.run, epoch: run.epoch });
    if (left <= 0 || run.dueInMs > 0) return run;
    this.#granted.set(`${run.run}:${run.epoch}`, 'claim');
    return { ...run, granted: true };
  }

  #permit(permit: Permit) {
    this.permits.push(permit);
    const key = `${permit.run}:${permit.epoch}`;
    const granted = this.#granted.get(key);
    if (granted !== undefined && granted !== permit.requestId) return { answer: 'refused', reason: 'granted before' };
    this.#granted.set(key, permit.requestId);
    return { answer: 'granted' };
  }

  #renew(renew: Renew) {
    this.renewals.push(renew);
    const { toCancel, notYours, timeline } = this;
    if (renew.holding) this.#held = renew.holding;
    return {
      sendFull: renew.count !== this.#held.length && !renew.holding,
      notYours,
      cancel: toCancel,
      drain: false,
      serverTime: new Date().toISOString(),
      timeline,
    };
  }

  #report(channel: 'state' | 'bulk', report: Report): Answer {
    const key = `${report.spoolId}:${channel}`;
    const stored = this.#watermarks.get(key) ?? 0;
    const entries = report.entries as ReportEntry[];
    const first = entries[0]?.n ?? 1;
    if (first > stored + 1)
      return { error: { code: 'PRECONDITION_FAILED', message: 'gap', details: { reason: 'gap', expected: stored + 1 } } };
    const refused = entries.filter((entry) => entry.n > stored && this.refuseEntry(entry));
    this.entries[channel].push(...entries.filter((entry) => entry.n > stored && !refused.includes(entry)));
    const watermark = Math.max(stored, entries.at(-1)?.n ?? 0);
    this.#watermarks.set(key, watermark);
    const exceptions = refused.map(({ n }) => ({ n, verdict: 'refused', code: 'CONFLICT', message: 'refused by the test' }));
    return { ok: { exceptions, watermark, timeline: this.timeline } };
  }
}

const bare = (id: string) => id.slice(id.indexOf('_') + 1);

async function freePort(): Promise<number> {
  const server = createSocketServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
