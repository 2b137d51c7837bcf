/** Blockers of a scheduled run, from the facts that a claim decides by. Pure. */
import type { Blocker, BlockingRun } from '@signalbox/proto/api';
import { blocker, type LiveRun } from './blocker-source.ts';

/** Since when it is paused, by whom and why; null fields: nobody remembers. `until`: when it ends by itself. */
export type Pause = {
  readonly by: string | null;
  readonly since: Date | null;
  readonly reason?: string | null;
  readonly until?: Date | null;
};

/** A limit of runs at once: its bound and who holds it now. `holders` are read only when it is full. */
export type LimitFacts = { readonly limit: number | null; readonly held: number; readonly holders: readonly BlockingRun[] };

type Place = LimitFacts & { readonly id: string; readonly name: string; readonly paused: Pause | null };

export type AgentFacts = {
  readonly name: string;
  /** Its lease lives. */
  readonly isOnline: boolean;
  readonly drains: boolean;
  readonly backoffUntil: Date | null;
  readonly lastSeenAt: Date | null;
  readonly free: number;
  /** The run could not be started there. */
  readonly isExcluded: boolean;
};

export type DispatchFacts = {
  readonly run: LiveRun;
  /** Null: it was deleted. `name` is `flow/deployment`. */
  readonly deployment: Place | null;
  readonly pool: Place | null;
  readonly queue: Place | null;
  /** The limit of its key, where its deployment has one; `name` is the key's value. */
  readonly key: Place | null;
  /** Of the pool, not revoked. */
  readonly agents: readonly AgentFacts[];
  /** Runs that hold the slots of these agents, longest there first; read only when none is free. */
  readonly busy: { readonly runs: readonly BlockingRun[]; readonly count: number };
};

export function dispatchBlockersOf(facts: DispatchFacts): Blocker[] {
  return [...due(facts), ...deleted(facts), ...pauses(facts), ...limits(facts), ...agentsOf(facts)];
}

function due({ run }: DispatchFacts): Blocker[] {
  if (run.dueAt.getTime() <= run.now.getTime()) return [];
  const at = run.dueAt.toISOString();
  if (run.state.name === 'AwaitingRetry') return [blocker('retry-delay', `It is tried again at ${at}.`, 'That instant.', run.stateAt)];
  return [blocker('not-due', `It is not due until ${at}.`, 'That instant.', run.stateAt)];
}

function deleted({ deployment, pool }: DispatchFacts): Blocker[] {
  const frees = deployment ? `Deploy ${deployment.name} to another pool.` : 'Nothing: cancel it.';
  return [
    ...(deployment ? [] : [blocker('deployment-deleted', 'Its deployment was deleted.', 'Nothing: cancel it.')]),
    ...(pool ? [] : [blocker('pool-deleted', 'Its work pool was deleted: deploy the deployment to another pool.', frees)]),
  ];
}

function pauses({ deployment, pool, queue }: DispatchFacts): Blocker[] {
  const one = (kind: string, what: string, place: Place | null, resume: string): Blocker[] => {
    if (!place?.paused) return [];
    const { by, since, reason, until } = place.paused;
    const message = `${what} is paused${by ? ` by ${by}` : ''}${reason ? `: ${reason}` : ''}${until ? `, until ${until.toISOString()}` : ''}.`;
    return [blocker(kind, message, `Resume it: signalbox ${resume}`, since)];
  };
  return [
    ...one('deployment-paused', `Deployment "${deployment?.name}"`, deployment, `deployments resume ${deployment?.name}`),
    ...one('pool-paused', `Work pool "${pool?.name}"`, pool, `pools resume ${pool?.name}`),
    ...one('queue-paused', `Queue "${queue?.name}"`, queue, `queues resume ${pool?.name} ${queue?.name}`),
  ];
}

function limits({ deployment, pool, queue, key }: DispatchFacts): Blocker[] {
  const set = `signalbox deployments set ${deployment?.name}`;
  return [
    ...full('deployment-full', `Deployment "${deployment?.name}"`, deployment, `${set} concurrencyLimit=N --reason WHY`),
    ...full('key-full', `Deployment "${deployment?.name}" for "${key?.name}"`, key, `${set} concurrency=JSON --reason WHY`),
    ...full('pool-full', `Work pool "${pool?.name}"`, pool, `signalbox pools update ${pool?.name} --limit N`),
    ...full('queue-full', `Queue "${queue?.name}"`, queue, `signalbox queues set ${pool?.name} ${queue?.name} --limit N`),
  ];
}

const SAID = 3;

/** A limit without room, who holds it, and the command that raises it. */
function full(kind: string, what: string, limit: LimitFacts | null, raise: string): Blocker[] {
  if (!limit || limit.limit === null || limit.held < limit.limit) return [];
  const by = limit.holders.length === 0 ? '' : `: held by ${listed(limit.holders, limit.held)}`;
  const frees =
    limit.held > limit.limit
      ? `${limit.held - limit.limit + 1} of these runs end, or the limit is raised: ${raise}`
      : `One of these runs ends, or the limit is raised: ${raise}`;
  const message = `${what} is at its limit of ${limit.limit} at once${by}.`;
  return [{ ...blocker(kind, message, frees, sinceOf(limit.holders)), holders: [...limit.holders], holderCount: limit.held }];
}

/** It was full from the moment the last slot was taken. */
function sinceOf(holders: readonly BlockingRun[]): Date | null {
  return latest(holders.map(({ since }) => new Date(since)));
}

/** `a, b and 3 more`. */
export function listed(runs: readonly { readonly name: string }[], count: number): string {
  const said = runs.slice(0, SAID).map(({ name }) => name);
  const more = count - said.length;
  return `${said.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

const accepts = (agent: AgentFacts, now: Date) =>
  agent.isOnline && !agent.drains && (agent.backoffUntil === null || agent.backoffUntil.getTime() <= now.getTime());

/** Agents that a claim would let have this run: not those where it failed to start, while another is there to try. */
function candidates({ agents, run }: DispatchFacts): AgentFacts[] {
  const others = agents.some((agent) => !agent.isExcluded && agent.isOnline && !agent.drains);
  return agents.filter((agent) => accepts(agent, run.now) && !(agent.isExcluded && others));
}

/** Slots that claims could fill now, by what the agents have and what the pool lets through. */
export function freeSlots(facts: DispatchFacts): number {
  const free = candidates(facts).reduce((sum, agent) => sum + agent.free, 0);
  const { pool } = facts;
  return Math.min(free, pool && pool.limit !== null ? Math.max(0, pool.limit - pool.held) : Number.POSITIVE_INFINITY);
}

function agentsOf(facts: DispatchFacts): Blocker[] {
  const { pool, agents, run, busy } = facts;
  if (!pool) return [];
  const online = agents.filter(({ isOnline }) => isOnline);
  const accepting = online.filter((agent) => accepts(agent, run.now));
  const start = `Start an agent for it: signalbox agents join-code ${pool.name}`;
  if (agents.length === 0) return [blocker('no-agent', `Work pool "${pool.name}" has no agent yet.`, start)];
  if (online.length === 0) {
    const message = `No agent is online in work pool "${pool.name}" (${agents.length} enrolled).`;
    return [
      blocker(
        'agents-offline',
        message,
        `One of ${listed(agents, agents.length)} comes back.`,
        latest(agents.map((agent) => agent.lastSeenAt)),
      ),
    ];
  }
  if (accepting.length === 0) {
    const message = `No agent in work pool "${pool.name}" takes runs now: those online drain or wait after failed starts.`;
    const until = online.flatMap(({ backoffUntil, drains }) => (backoffUntil && !drains ? [backoffUntil.toISOString()] : [])).sort()[0];
    return [
      blocker(
        'agents-not-accepting',
        message,
        until ? `A wait after failed starts ends at ${until}.` : 'Start an agent, or end the drain by restarting one.',
      ),
    ];
  }
  if (accepting.every(({ free }) => free === 0)) {
    const by = busy.runs.length === 0 ? '' : `, by ${listed(busy.runs, busy.count)}`;
    const message = `All slots of the agents in work pool "${pool.name}" are taken${by}.`;
    const frees = 'A run on one of them ends, or another agent is started.';
    return [{ ...blocker('agents-full', message, frees, sinceOf(busy.runs)), holders: [...busy.runs], holderCount: busy.count }];
  }
  if (candidates(facts).every(({ free }) => free === 0)) {
    const failed = agents.filter(({ isExcluded }) => isExcluded);
    const message = `It could not be started on ${failed.map(({ name }) => `"${name}"`).join(', ')}; it waits for another agent of the pool.`;
    return [blocker('excluded-agents', message, 'Another agent has a free slot, or no other is left.')];
  }
  return [];
}

function latest(instants: readonly (Date | null)[]): Date | null {
  return instants.reduce((last, at) => (at && (!last || at > last) ? at : last), null);
}

/** A run that claims look at before this one. `limits` are those that could hold it back, with the room they have. */
export type RunAhead = BlockingRun & { readonly limits: readonly { readonly id: string; readonly room: number }[] };

/** What a claim would leave for this run: walks those ahead of it, in the claim's order, as a claim does. */
export function queuedBehind(facts: DispatchFacts, ahead: { readonly runs: readonly RunAhead[]; readonly isCut: boolean }): Blocker[] {
  const rooms = new Map<string, number>();
  const room = (limit: { id: string; room: number }) => rooms.get(limit.id) ?? limit.room;
  let slots = freeSlots(facts);
  const going: RunAhead[] = [];
  for (const run of ahead.runs) {
    if (slots <= 0) break;
    if (run.limits.some((limit) => room(limit) <= 0)) continue;
    for (const limit of run.limits) rooms.set(limit.id, room(limit) - 1);
    going.push(run);
    slots--;
  }
  const taken = ownLimits(facts).find((limit) => room(limit) <= 0);
  if (slots > 0 && !taken && !ahead.isCut) return [];
  const what = taken ? `the last room of ${taken.what}` : 'every free slot';
  const holders = going.slice(0, 10).map(({ limits: _, ...run }) => run);
  return [
    {
      kind: 'behind',
      message: `It is queued behind ${listed(going, going.length)}, which ${going.length === 1 ? 'takes' : 'take'} ${what}.`,
      since: facts.run.dueAt.toISOString(),
      holders,
      holderCount: going.length,
      frees: 'Those ahead are started and end, or there is more room.',
    },
  ];
}

function ownLimits({ deployment, queue, key }: DispatchFacts): { id: string; room: number; what: string }[] {
  const one = (place: Place | null, what: string) =>
    place && place.limit !== null ? [{ id: place.id, room: place.limit - place.held, what: `${what} "${place.name}"` }] : [];
  return [...one(deployment, 'deployment'), ...one(queue, 'queue'), ...one(key, 'key')];
}
