/**
 * Random lives of runs, agents and time against a small model (test/run-model.ts): after every command each run is where the
 * model says, slots are those of runs that somebody holds, no limit is exceeded, and no epoch was permitted twice.
 */
import { createHash } from 'node:crypto';
import { toId, toUuid } from '@signalbox/proto';
import { holdingText, type RunEpoch } from '@signalbox/proto/messages';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../test/database.ts';
import { createDispatchCtx, createYard, passServedTime } from '../../../test/dispatch.ts';
import { Model, type ModelDeployment, ModelRun, type Token } from '../../../test/run-model.ts';
import type { Intent, Owner } from '../../domain/run-snapshot.ts';
import { type Db, openDb } from '../../platform/db.ts';
import { sqlOfTx } from '../../platform/sql.ts';
import { afterCommit, transitionRun } from '../dispatch/index.ts';
import { sweepWaiters } from '../dispatch/sweep-loop.ts';
import { openRenewals } from './handler.ts';
import { reap } from './reaper.ts';

let database: TestDatabase;
let db: Db;

beforeAll(async () => {
  database = await createTestDatabase();
  db = openDb({ url: database.url, maxConnections: 6 });
});
afterAll(async () => {
  await db?.close();
  await database?.[Symbol.asyncDispose]();
});

const AGENTS = 2;
const POOL_LIMIT = 3;
const DEPLOYMENTS: readonly ModelDeployment[] = [
  { limit: 2, retries: 0, onLost: 'crash' },
  { limit: 9, retries: 1, onLost: 'retry' },
  { limit: 1, retries: 0, onLost: 'requeue' },
];
/** Longer than any of these lives: what becomes of a start that takes too long is the reaper's own suite. */
const START_TIMEOUT_MS = 864_000_000;
const failure = { kind: 'application', message: 'boom' } as const;

/** The real thing, with the names that the model uses. */
async function openWorld() {
  const yard = await createYard(db);
  const ctx = createDispatchCtx(db);
  await yard.q('UPDATE work_pool SET concurrency_limit = $2 WHERE id = $1', [yard.poolId, POOL_LIMIT]);
  const deployments = await Promise.all(
    DEPLOYMENTS.map(({ limit, retries, onLost }) =>
      yard.addDeployment({ limit, retry: { retries, delaysMs: [0] }, onLostAgent: onLost, startTimeoutMs: START_TIMEOUT_MS }),
    ),
  );
  const agents: string[] = [];
  for (let i = 0; i < AGENTS; i++) agents.push(await yard.addAgent());
  const runIds: string[] = [];

  const agentId = (agent: number) => agents[agent] ?? '';
  const runId = (run: number) => runIds[run] ?? '';
  const renewals = openRenewals(ctx, { tickMs: 0, freePerSecond: 1_000, maxItems: 500 });
  return {
    yard,
    async create(deployment: number): Promise<void> {
      runIds.push(...(await yard.addRuns(deployments[deployment] ?? '')));
    },
    async claim(agent: number, free: number): Promise<Token[]> {
      const { runs } = await yard.claim(agentId(agent), free);
      return runs.map((run) => ({ run: runIds.indexOf(run.runId), agent, epoch: run.epoch }));
    },
    sweep: () => sweepWaiters(ctx),
    async permit({ run, agent, epoch }: Token): Promise<boolean> {
      return (await yard.permit(agentId(agent), { runId: runId(run), epoch })).answer === 'granted';
    },
    /** Whether the machine took it. */
    async move(run: number, intent: Intent): Promise<boolean> {
      const { verdict, effects } = await db.inWorkspace(yard.workspaceId, (tx) =>
        transitionRun(sqlOfTx(tx), { runId: runId(run), intent }),
      );
      await afterCommit(ctx, effects);
      return verdict.kind === 'accept';
    },
    owner: ({ agent, epoch }: Token): Owner => ({ agentId: agentId(agent), epoch }),
    /** As an agent does: count and hash, and the whole list when that is asked for. */
    async renew(agent: number, named: readonly Token[]): Promise<RunEpoch[]> {
      const holding = named.map(({ run, epoch }) => ({ run: toId('run', runId(run)), epoch }));
      const message = {
        v: 1 as const,
        session: 1,
        count: holding.length,
        hash: createHash('sha256')
          .update(holdingText(holding, (run) => toUuid('run', run)))
          .digest('hex'),
        clock: new Date().toISOString(),
        status: { free: 3, warm: 0, spoolBytes: 0, draining: false, rssBytes: 1 },
      };
      const from = { workspaceId: yard.workspaceId, agentId: agentId(agent) };
      const reply = await renewals(from, message);
      return (reply.sendFull ? await renewals(from, { ...message, holding }) : reply).notYours;
    },
    named: ({ run, epoch }: Token): RunEpoch => ({ run: toId('run', runId(run)), epoch }),
    async pass(ms: number): Promise<void> {
      await passServedTime(db, ms);
      await reap(ctx);
    },
    /** Everything at once, as the model tells it. */
    async seen() {
      const live = await yard.q('SELECT run_id, state_type, state_name, agent_id, epoch FROM run_dispatch WHERE workspace_id = $1', [
        yard.workspaceId,
      ]);
      const ended = await yard.q('SELECT id, state_type FROM run WHERE workspace_id = $1 AND state_type IS NOT NULL', [yard.workspaceId]);
      const states = runIds.map((id) => {
        const row = live.find(({ run_id }) => run_id === id);
        if (!row) return ended.find((one) => one.id === id)?.state_type ?? 'nowhere';
        const held = row.agent_id === null ? '' : ` by ${agents.indexOf(row.agent_id)} under ${row.epoch}`;
        return `${row.state_type === 'SCHEDULED' ? 'waiting' : row.state_name.toLowerCase()}${held}`;
      });
      const holders = (await yard.holders()).map(({ run_id, epoch }) => `${runIds.indexOf(run_id)} under ${epoch}`).sort();
      return { states, holders };
    },
    /** Later lives share the database, and its reaper. */
    close: async () => {
      for (const table of ['holder', 'run_dispatch']) await yard.q(`DELETE FROM ${table} WHERE workspace_id = $1`, [yard.workspaceId]);
    },
  };
}
type World = Awaited<ReturnType<typeof openWorld>>;

const told = (model: Model) => ({
  states: model.runs.map(({ state, holder }) => `${state}${holder ? ` by ${holder.agent} under ${holder.epoch}` : ''}`),
  holders: model.held.map(({ holder }) => `${holder?.run} under ${holder?.epoch}`).sort(),
});

type Command = fc.AsyncCommand<Model, World>;
/** A command whose outcome is compared after it. */
function command(text: string, check: (model: Readonly<Model>) => boolean, act: (model: Model, world: World) => Promise<void>): Command {
  return {
    check,
    toString: () => text,
    async run(model, world) {
      await act(model, world);
      expect(await world.seen(), text).toEqual(told(model));
    },
  };
}
const at = <T>(list: readonly T[], pick: number): T => list[pick % list.length] as T;
const hasRuns = (model: Readonly<Model>) => model.runs.length > 0;
const hasTokens = (model: Readonly<Model>) => model.given.length > 0;

const create = (deployment: number) =>
  command(
    `create(${deployment})`,
    (model) => model.runs.length < 10,
    async (model, world) => {
      await world.create(deployment);
      model.runs.push(new ModelRun(deployment));
    },
  );

/** With the sweep of each second between, a claim leaves no room that a waiting run fits. */
const claim = (agent: number, free: number) =>
  command(`claim(${agent}, ${free})`, hasRuns, async (model, world) => {
    const taken: Token[] = [];
    for (let turn = 0; turn < 4 && taken.length < free; turn++) {
      if (turn > 0) await world.sweep();
      for (const token of await world.claim(agent, free - taken.length)) {
        const run = model.of(token);
        expect(run.state).toBe('waiting');
        expect(model.hasRoom(run.deployment), 'room for it').toBe(true);
        expect(
          model.given.filter((one) => one.run === token.run).every((one) => one.epoch < token.epoch),
          'a higher epoch',
        ).toBe(true);
        model.give(token);
        taken.push(token);
      }
    }
    const left = model.runs.filter((run) => run.state === 'waiting' && model.hasRoom(run.deployment));
    if (taken.length < free) expect(left, 'nobody is left behind who fits').toEqual([]);
  });

/** The permit, and the report that user code was called. */
const begin = (pick: number) =>
  command(`begin(${pick})`, hasTokens, async (model, world) => {
    const token = at(model.given, pick);
    const run = model.of(token);
    const isGranted = await world.permit(token);
    expect(isGranted).toBe(run.isHeldBy(token) && run.state === 'pending');
    if (!isGranted) return;
    const name = `${token.run} ${token.epoch}`;
    expect(model.granted, 'granted once an epoch').not.toContain(name);
    model.granted.add(name);
    expect(await world.move(token.run, { kind: 'start', owner: world.owner(token) })).toBe(true);
    run.state = 'running';
    run.hasStarted = true;
  });

const LAST_WORDS = ['complete', 'fail', 'crash', 'give-back'] as const;
/** What an agent says at last of a run, be it its own or not. */
const lastWord = (kind: (typeof LAST_WORDS)[number], pick: number) =>
  command(`${kind}(${pick})`, hasTokens, async (model, world) => {
    const token = at(model.given, pick);
    const run = model.of(token);
    const owner = world.owner(token);
    // A crash before the permit is a failed start, which the reaper's own suite goes through.
    if (kind === 'crash' && run.state === 'pending' && run.isHeldBy(token)) return;
    const intent: Intent =
      kind === 'complete'
        ? { kind, owner }
        : kind === 'give-back'
          ? { kind, owner, reason: 'a drain' }
          : { kind, owner, failure: kind === 'crash' ? { kind: 'crashed', message: 'x' } : failure };
    const isTaken = await world.move(token.run, intent);
    const isIn = run.isHeldBy(token) && (kind === 'give-back' ? !run.hasStarted || run.state === 'cancelling' : run.state !== 'pending');
    expect(isTaken).toBe(isIn);
    if (!isTaken) return;
    model.forget(token);
    if (run.state === 'cancelling') model.end(run, kind === 'complete' ? 'COMPLETED' : 'CANCELLED');
    else if (kind === 'give-back') model.back(run);
    else if (kind === 'complete') model.end(run, 'COMPLETED');
    // Retries are for what user code says; a process that died says nothing.
    else if (kind === 'crash') model.end(run, 'CRASHED');
    else model.retryOr(run, 'FAILED');
  });

const cancel = (pick: number) =>
  command(`cancel(${pick})`, hasRuns, async (model, world) => {
    const index = pick % model.runs.length;
    const run = at(model.runs, pick);
    expect(await world.move(index, { kind: 'cancel', by: 'Ada' })).toBe(!run.hasEnded && run.state !== 'cancelling');
    if (run.state === 'waiting') model.end(run, 'CANCELLED');
    else if (!run.hasEnded) run.state = 'cancelling';
  });

const retryByHand = (pick: number) =>
  command(`retry(${pick})`, hasRuns, async (model, world) => {
    const run = at(model.runs, pick);
    const isTaken = await world.move(pick % model.runs.length, { kind: 'retry-by-hand', by: 'Ada' });
    expect(isTaken).toBe(run.hasEnded && run.state !== 'COMPLETED');
    if (!isTaken) return;
    model.back(run);
    Object.assign(run, { retries: 0, requeues: 0 });
  });

const renew = (agent: number) =>
  command(
    `renew(${agent})`,
    () => true,
    async (model, world) => {
      const notYours = await world.renew(agent, model.believes[agent] ?? []);
      const byText = (list: readonly RunEpoch[]) => list.map(({ run, epoch }) => `${run} ${epoch}`).sort();
      expect(byText(notYours)).toEqual(byText(model.renew(agent).map(world.named)));
    },
  );

/** An agent that lost its memory of a run, or its disk. */
const forget = (pick: number) =>
  command(`forget(${pick})`, hasTokens, async (model) => {
    model.forget(at(model.given, pick));
  });

const pass = (ms: number) =>
  command(
    `pass(${ms})`,
    () => true,
    async (model, world) => {
      await world.pass(ms);
      model.pass(ms);
    },
  );

/** To a second before the next deadline, where nothing may happen yet, and to a second after it. */
const passEdge = command(
  'pass an edge',
  (model) => model.nextDeadlineMs !== null,
  async (model, world) => {
    const beforeMs = (model.nextDeadlineMs ?? 0) - model.nowMs - 1_000;
    if (beforeMs > 0) await pass(beforeMs).run(model, world);
    await pass(2_000).run(model, world);
  },
);

/** One more than any run has: this agent takes what it can, begins it and is gone, until nothing it takes comes back. */
const MOST_LIVES = 5;
const exhaust = (by: number) =>
  command(`exhaust(${by})`, hasRuns, async (model, world) => {
    for (let life = 0; life < MOST_LIVES; life++) {
      await claim(by, 4).run(model, world);
      for (const [index, token] of model.given.entries()) {
        if (model.of(token).isHeldBy(token)) await begin(index).run(model, world);
      }
      for (const believed of model.believes) believed.length = 0;
      // The end of the lease, then that of the grace.
      for (let edge = 0; edge < 2 && model.nextDeadlineMs !== null; edge++) await passEdge.run(model, world);
    }
  });

const agent = fc.nat(AGENTS - 1);
const pick = fc.nat(200);
const often = (arbitrary: fc.Arbitrary<Command>, times: number) => Array<fc.Arbitrary<Command>>(times).fill(arbitrary);
const commands = fc.commands(
  [
    ...often(fc.nat(DEPLOYMENTS.length - 1).map(create), 3),
    ...often(
      fc.tuple(agent, fc.integer({ min: 1, max: 4 })).map(([of, free]) => claim(of, free)),
      4,
    ),
    ...often(pick.map(begin), 4),
    ...often(
      fc.tuple(fc.constantFrom(...LAST_WORDS), pick).map(([kind, of]) => lastWord(kind, of)),
      3,
    ),
    pick.map(cancel),
    pick.map(retryByHand),
    ...often(agent.map(renew), 3),
    pick.map(forget),
    ...often(fc.constantFrom(5_000, 16_000, 61_000, 301_000).map(pass), 2),
    ...often(fc.constant(passEdge), 2),
  ],
  { maxCommands: 60, size: '+1' },
);

test('whatever people, agents and time do, runs, slots and leases are as the model says', { timeout: 180_000 }, async () => {
  const seed = process.env['RUNS_SEED'];
  await fc.assert(
    fc.asyncProperty(commands, async (life) => {
      const world = await openWorld();
      try {
        await fc.asyncModelRun(() => ({ model: new Model(AGENTS, POOL_LIMIT, DEPLOYMENTS), real: world }), life);
      } finally {
        await world.close();
      }
    }),
    { numRuns: Number(process.env['RUNS_LIVES'] ?? 25), ...(seed ? { seed: Number(seed) } : {}) },
  );
});

test('a run that is lost again and again is given up after as many times as the model says, and not a second early or late', async () => {
  const world = await openWorld();
  const model = new Model(AGENTS, POOL_LIMIT, DEPLOYMENTS);
  try {
    await fc.asyncModelRun(() => ({ model, real: world }), [create(0), create(1), create(2), exhaust(0)]);
    expect(model.runs.map(({ state, requeues, retries }) => ({ state, requeues, retries }))).toEqual([
      { state: 'CRASHED', requeues: 0, retries: 0 },
      { state: 'CRASHED', requeues: 0, retries: 1 },
      { state: 'CRASHED', requeues: 3, retries: 0 },
    ]);
  } finally {
    await world.close();
  }
});
