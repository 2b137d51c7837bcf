/**
 * The rows a filter fits, as a union of branches, each carried by one index:
 *
 * - no states asked: `run` by run_workspace (workspace, id), or by run_deployment (deployment, id) for a few deployments;
 * - each ended state: `run` by run_state (workspace, state, id), or by run_deployment;
 * - live states: `run_dispatch` by run_dispatch_workspace, small by nature, joined to records by primary key.
 *
 * All of them have the id in order, so a page reads what it shows and little more, leaf after leaf; bounds of creation are
 * bounds of the id and leave leaves unopened. Branches share no run: a run is in one state, read in one statement.
 */
import { isTerminal, RUN_STATES, type RunStateType, STATE_NAMES } from '@signalbox/proto';
import { JOIN_LIVE_ROW } from '../read-summaries.ts';
import { type Bind, COMPUTED_STATES, conditionsOf, needsLiveRow, type Side } from './conditions.ts';
import type { ResolvedFilter } from './resolve-refs.ts';

/** Ids from `from` on and below `below`. */
export type IdBounds = { readonly from?: string | undefined; readonly below?: string | undefined };

export type Search = {
  readonly workspaceId: string;
  readonly resolved: ResolvedFilter;
  readonly bounds: IdBounds;
  readonly bind: Bind;
};

/** More deployments than this are looked for row by row: by then they are much of the workspace. */
const PROBED_DEPLOYMENTS = 100;
/** Types in which a run may have a name the system does not know: a flow's, or a launcher's. */
const NAMED_BY_OTHERS: readonly RunStateType[] = ['COMPLETED', 'FAILED', 'PENDING'];

type Branch = { readonly side: Side; readonly state: string | null };

/** What ends each branch of a page; `id` is the column that its index has in order. */
type Tail = (id: string) => string;

/**
 * `select` over `r` and (for live runs, and with `withLive`) `d`, of every run that fits. With a `tail`, an order by id
 * and a limit, tables are joined by probes of their keys, whatever the statistics say; without, all is read and Postgres
 * joins as it likes.
 */
export function matching(
  search: Search,
  select: (side: Side) => string,
  { tail, withLive = false }: { tail?: Tail; withLive?: boolean } = {},
): string {
  const { resolved, bind } = search;
  const workspace = bind(search.workspaceId);
  const deployments = resolved.deploymentIds;
  const probes = tail !== undefined && deployments !== undefined && deployments.length > 1 && deployments.length <= PROBED_DEPLOYMENTS;
  return branchesOf(resolved, bind)
    .map(({ side, state }) => {
      const isLive = side === 'live';
      const where = [
        `r.workspace_id = ${workspace}::uuid`,
        // The second part is what run_dispatch_workspace asks for.
        ...(isLive ? [`d.workspace_id = ${workspace}::uuid AND d.retention_class <> ''`] : []),
        ...(state === null ? [] : [state]),
        ...boundsOf('r.id', search.bounds, bind),
        // Said of both: no bound is carried over a join.
        ...(isLive ? boundsOf('d.run_id', search.bounds, bind) : []),
        ...conditionsOf(resolved, side, bind),
      ];
      const from = fromOf(side, side === 'any' && (withLive || needsLiveRow(resolved)), tail !== undefined, search);
      const end = tail?.(isLive ? 'd.run_id' : 'r.id') ?? '';
      const one = (deployment: string[]) => `SELECT ${select(side)} FROM ${from} WHERE ${[...where, ...deployment].join(' AND ')} ${end}`;
      if (deployments === undefined) return `(${one([])})`;
      if (probes && !isLive)
        return `(SELECT x.* FROM unnest(${bind(deployments)}::uuid[]) AS dep (id) CROSS JOIN LATERAL (${one(['r.deployment_id = dep.id'])}) x)`;
      if (deployments.length === 1) return `(${one([`r.deployment_id = ${bind(deployments[0])}::uuid`])})`;
      return `(${one([`r.deployment_id = ANY (${bind(deployments)}::uuid[])`])})`;
    })
    .join(' UNION ALL ');
}

function fromOf(side: Side, withLive: boolean, byProbes: boolean, { bounds, bind }: Search): string {
  if (side === 'live' && byProbes) {
    const within = ['x.id = d.run_id', 'x.retention_class = d.retention_class', ...boundsOf('x.id', bounds, bind)];
    return `run_dispatch d CROSS JOIN LATERAL (SELECT * FROM run x WHERE ${within.join(' AND ')} LIMIT 1) r`;
  }
  if (side === 'live') return 'run_dispatch d JOIN run r ON r.id = d.run_id AND r.retention_class = d.retention_class';
  if (!withLive) return 'run r';
  return byProbes ? `run r ${JOIN_LIVE_ROW}` : 'run r LEFT JOIN run_dispatch d ON d.run_id = r.id';
}

function boundsOf(id: string, { from, below }: IdBounds, bind: Bind): string[] {
  return [...(from ? [`${id} >= ${bind(from)}::uuid`] : []), ...(below ? [`${id} < ${bind(below)}::uuid`] : [])];
}

/** States asked for, as branches; types and names are alternatives. */
function branchesOf({ filter }: ResolvedFilter, bind: Bind): Branch[] {
  const types = filter.states ?? [];
  const names = (filter.stateNames ?? []).map((name) => name.toLowerCase());
  if (types.length === 0 && names.length === 0) return [{ side: 'any', state: null }];

  const byName = new Map<RunStateType, string[]>();
  for (const name of names) {
    for (const type of typesNamed(name)) if (!types.includes(type)) byName.set(type, [...(byName.get(type) ?? []), name]);
  }
  const branches: Branch[] = [];
  for (const type of RUN_STATES.filter(isTerminal)) {
    const named = byName.get(type);
    if (types.includes(type)) branches.push({ side: 'ended', state: `r.state_type = ${bind(type)}` });
    else if (named)
      branches.push({ side: 'ended', state: `r.state_type = ${bind(type)} AND lower(r.state_name) = ANY (${bind(named)}::text[])` });
  }
  const live = RUN_STATES.filter((type) => !isTerminal(type));
  const asked = live.filter((type) => types.includes(type));
  const alternatives = [
    ...(asked.length > 0 ? [`d.state_type = ANY (${bind(asked)}::text[])`] : []),
    ...live.flatMap((type) => (byName.get(type) ?? []).map((name) => liveName(type, name, bind))),
  ];
  if (alternatives.length > 0) branches.push({ side: 'live', state: `(${alternatives.join(' OR ')})` });
  return branches;
}

function liveName(type: RunStateType, name: string, bind: Bind): string {
  if (Object.hasOwn(COMPUTED_STATES, name)) return COMPUTED_STATES[name] as string;
  return `(d.state_type = ${bind(type)} AND lower(d.state_name) = ${bind(name)})`;
}

function typesNamed(name: string): readonly RunStateType[] {
  if (Object.hasOwn(COMPUTED_STATES, name)) return ['SCHEDULED'];
  const known = RUN_STATES.filter((type) => STATE_NAMES[type].some((each) => each.toLowerCase() === name));
  return known.length > 0 ? known : NAMED_BY_OTHERS;
}
