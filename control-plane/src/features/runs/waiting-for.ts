/** Why a run is not running, one sentence a blocker, from the facts that a claim decides by. Pure. */

/** A limit of runs at once: its bound and who holds it now. */
export type LimitFacts = { readonly limit: number | null; readonly held: number; readonly holders: readonly string[] };

export type WaitingFacts = {
  readonly state: { readonly type: string; readonly name: string };
  readonly now: Date;
  readonly dueAt: Date;
  readonly agent: string | null;
  readonly deployment: ({ readonly name: string; readonly paused: boolean } & LimitFacts) | null;
  /** Null: it was deleted. */
  readonly pool: ({ readonly name: string; readonly paused: boolean } & LimitFacts) | null;
  readonly queue: ({ readonly name: string; readonly paused: boolean } & LimitFacts) | null;
  readonly agents: {
    readonly total: number;
    readonly online: number;
    readonly accepting: number;
    readonly slots: number;
    readonly held: number;
  };
  /** Names of agents on which it could not be started. */
  readonly failedOn: readonly string[];
};

export function waitingFor(facts: WaitingFacts): string[] {
  const { state, agent } = facts;
  if (state.type === 'PENDING') return [`Agent "${agent ?? 'unknown'}" has it and prepares to start it.`];
  if (state.name === 'AwaitingChild') return ['It waits for a run that it started.'];
  if (state.type === 'PAUSED') return ['It is paused until somebody resumes it.'];
  if (state.type !== 'SCHEDULED') return [];
  return [...due(facts), ...paused(facts), ...limits(facts), ...agents(facts)];
}

function due({ now, dueAt, state }: WaitingFacts): string[] {
  if (dueAt.getTime() <= now.getTime()) return [];
  return [state.name === 'AwaitingRetry' ? `It is tried again at ${dueAt.toISOString()}.` : `It is not due until ${dueAt.toISOString()}.`];
}

function paused({ deployment, pool, queue }: WaitingFacts): string[] {
  return [
    ...(deployment ? [] : ['Its deployment was deleted.']),
    ...(pool ? [] : ['Its work pool was deleted: deploy the deployment to another pool.']),
    ...(deployment?.paused ? [`Deployment "${deployment.name}" is paused.`] : []),
    ...(pool?.paused ? [`Work pool "${pool.name}" is paused.`] : []),
    ...(queue?.paused ? [`Queue "${queue.name}" is paused.`] : []),
  ];
}

function limits({ deployment, pool, queue }: WaitingFacts): string[] {
  const full = (kind: string, limit: ({ readonly name: string } & LimitFacts) | null): string[] => {
    if (!limit || limit.limit === null || limit.held < limit.limit) return [];
    const more = limit.held - limit.holders.length;
    const by = limit.holders.length === 0 ? '' : `: held by ${limit.holders.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
    return [`${kind} "${limit.name}" is at its limit of ${limit.limit} at once${by}.`];
  };
  return [...full('Deployment', deployment), ...full('Work pool', pool), ...full('Queue', queue)];
}

function agents({ pool, agents: there, failedOn }: WaitingFacts): string[] {
  if (!pool) return [];
  const failed =
    failedOn.length > 0
      ? [`It could not be started on ${failedOn.map((name) => `"${name}"`).join(', ')}; another agent is tried first.`]
      : [];
  if (there.total === 0) return [...failed, `Work pool "${pool.name}" has no agent yet.`];
  if (there.online === 0) return [...failed, `No agent is online in work pool "${pool.name}" (${there.total} enrolled).`];
  if (there.accepting === 0)
    return [...failed, `No agent in work pool "${pool.name}" takes runs now: those online drain or wait after failed starts.`];
  if (there.slots > 0 && there.held >= there.slots)
    return [...failed, `All ${there.slots} slots of the agents in work pool "${pool.name}" are taken.`];
  return failed;
}
