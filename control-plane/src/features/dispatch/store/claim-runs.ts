/** The claim and the permit: one round trip each, decided by Postgres functions (prisma/migrations/*_give_runs, *_dispatch). */

import type { Envelope } from '@signalbox/proto';
import type { CodeSource, RetryPolicy } from '@signalbox/proto/messages';
import type { JobDefaults } from '../../../domain/layers/pool-template.ts';
import { allSent, type Sql } from '../../../platform/sql.ts';
import { asReport } from '../../../platform/transaction.ts';

export type ClaimRequest = {
  readonly workspaceId: string;
  readonly agentId: string;
  readonly session: number;
  readonly claimId: string;
  readonly free: number;
  readonly warm: readonly { readonly digest: string; readonly count: number }[];
  readonly prefetchMs: number;
  readonly startReportMs: number;
  readonly leaseMs: number;
};

/** A run that was given: uuids, and the version's configuration as it was deployed. */
export type ClaimedRow = {
  readonly runId: string;
  readonly epoch: number;
  readonly name: string;
  readonly attempt: number;
  readonly flowId: string;
  readonly flowName: string;
  readonly deploymentId: string;
  readonly deploymentName: string;
  readonly digest: string;
  readonly source: CodeSource;
  readonly config: {
    readonly retry?: RetryPolicy;
    readonly timeoutMs?: number | null;
    readonly graceMs?: number;
    readonly isolation?: 'fresh' | 'reuse';
    readonly variables?: Record<string, unknown>;
  };
  readonly launcher: string;
  /** The pool's own layer, and how its template tells the launcher; null: variables are passed on as they are. */
  readonly pool: JobDefaults | null;
  /** The run's own layer. */
  readonly variables: Record<string, unknown> | null;
  readonly parameters: Envelope | null;
  readonly tags: string[];
  readonly dueAt: string;
  readonly dueInMs: number;
  readonly startTimeoutMs: number;
  readonly replayFloor: number;
  readonly parent: string | null;
  readonly granted: boolean;
};

export type ClaimAnswer =
  | { readonly refused: 'revoked' | 'session'; readonly session?: number }
  | {
      readonly refused?: undefined;
      readonly runs: ClaimedRow[];
      readonly more: boolean;
      readonly timeline: number;
      readonly repeated?: boolean;
      readonly parked?: number;
      /** Full limits whose deployment cancels instead of letting runs wait. */
      readonly collisions?: readonly { readonly deploymentId: string; readonly limitId: string }[];
    };

/** A claim that was not refused. */
export type Carried = Exclude<ClaimAnswer, { readonly refused: string }>;

type OfVersion = 'flowId' | 'flowName' | 'deploymentId' | 'deploymentName' | 'digest' | 'source' | 'config' | 'startTimeoutMs';
type OfPool = 'launcher' | 'pool';
/** What runs share is told once. A repeat tells of each run whole. */
type Given = Omit<Carried, 'runs'> &
  Pick<ClaimedRow, OfPool> & {
    readonly versions: Readonly<Record<string, Pick<ClaimedRow, OfVersion>>>;
    readonly runs: readonly (Omit<ClaimedRow, OfVersion | OfPool> & { readonly versionId: string })[];
  };

/** Lock, order and index: see `give_runs`. As `signalbox_report`; the function sets the workspace. */
export async function claimRuns(sql: Sql, request: ClaimRequest): Promise<ClaimAnswer> {
  const [row] = await sql.query<Answered>(
    `WITH turn AS MATERIALIZED (SELECT pg_advisory_xact_lock(${TURN})) SELECT ${GIVE} FROM turn`,
    valuesOf(request),
    'give-runs',
  );
  if (!row) throw new Error('give_runs answered nothing');
  return toAnswer(row);
}

/**
 * The same inside a transaction of requests that has made work for the pool, as its last statements but the audit row. Null: another claim of
 * the pool is under way, or this claim, in another message. Locks: neither is waited for, so that runs this transaction holds already cannot
 * close a circle.
 */
export async function claimRunsInside(sql: Sql, request: ClaimRequest, poolId: string): Promise<ClaimAnswer | null> {
  const { role, setting } = asReport([request.workspaceId]);
  const [, rows] = await allSent([
    sql.query(`${role}; ${setting}`),
    sql.query<Answered>(
      `WITH turn AS MATERIALIZED (SELECT pg_try_advisory_xact_lock(${TURN}) AS ok), pool AS MATERIALIZED
         (SELECT p.id FROM turn, work_pool p WHERE turn.ok AND p.id = $11::uuid FOR NO KEY UPDATE OF p SKIP LOCKED)
       SELECT ${GIVE} FROM pool`,
      [...valuesOf(request), poolId],
      'give-runs-inside',
    ),
    sql.query('RESET ROLE'),
  ]);
  const [row] = rows;
  return row ? toAnswer(row) : null;
}

/** What freed a claim's room: limits as the deployment's own or of one of its keys, and whether the pool or a queue of it did. */
export type Freed = {
  readonly poolId: string;
  readonly isPoolFreed: boolean;
  readonly limits: readonly { readonly deploymentId: string; readonly keyLimitId?: string }[];
};
/** `answer` is null where nobody was woken; `missed`: some limit was busy, and is to be woken after the commit. */
export type FreedAnswer = { readonly answer: ClaimAnswer | null; readonly woken: readonly string[]; readonly missed: boolean };

/** Inside a transaction of reports, behind what frees. Null: another claim of the pool is under way, or this one. Locks: see `give_freed_runs`. */
export async function claimFreedInside(
  sql: Sql,
  request: ClaimRequest,
  { poolId, isPoolFreed, limits }: Freed,
): Promise<FreedAnswer | null> {
  const [row] = await sql.query<{ freed: (Omit<FreedAnswer, 'answer'> & { answer: Answered['answer'] | null }) | null }>(
    `WITH turn AS MATERIALIZED (SELECT pg_try_advisory_xact_lock(${TURN}) AS ok)
     SELECT give_freed_runs($1::uuid, $2::uuid, $3::int, $4::uuid, $5::int, $6::text[], $7::int[], $8::int, $9::int, $10::bigint,
       $11::uuid, $12::boolean, $13::uuid[], $14::uuid[]) AS freed FROM turn WHERE turn.ok`,
    [
      ...valuesOf(request),
      poolId,
      isPoolFreed,
      limits.map(({ deploymentId }) => deploymentId),
      limits.map(({ deploymentId, keyLimitId }) => keyLimitId ?? deploymentId),
    ],
    'give-freed-runs',
  );
  if (!row?.freed) return null;
  const { answer, ...rest } = row.freed;
  return { ...rest, answer: answer && toAnswer({ answer }) };
}

type Answered = { readonly answer: ClaimAnswer | Given };
const GIVE = 'give_runs($1::uuid, $2::uuid, $3::int, $4::uuid, $5::int, $6::text[], $7::int[], $8::int, $9::int, $10::bigint) AS answer';

/**
 * The same claim is said in several messages. Each first takes the claim's turn; `give_runs`, which meets the id before the pool, then never waits
 * for another that has the id and waits for a pool which is held here.
 */
const TURN = 'hashtextextended($4::uuid::text, 0)';

function valuesOf(request: ClaimRequest): unknown[] {
  return [
    request.workspaceId,
    request.agentId,
    request.session,
    request.claimId,
    request.free,
    request.warm.map((warm) => warm.digest),
    request.warm.map((warm) => warm.count),
    request.prefetchMs,
    request.startReportMs,
    request.leaseMs,
  ];
}

function toAnswer({ answer }: Answered): ClaimAnswer {
  return isGiven(answer) ? { ...answer, runs: wholeRuns(answer) } : answer;
}

const isGiven = (answer: ClaimAnswer | Given): answer is Given => 'versions' in answer;

function wholeRuns({ versions, runs, launcher, pool }: Given): ClaimedRow[] {
  return runs.flatMap(({ versionId, ...run }) => {
    const version = versions[versionId];
    return version ? [{ ...version, launcher, pool, ...run }] : [];
  });
}

export type PermitRequest = {
  readonly workspaceId: string;
  readonly agentId: string;
  readonly session: number;
  readonly requestId: string;
  readonly runId: string;
  readonly epoch: number;
  readonly startReportMs: number;
  /** So long before the due instant it may be granted. */
  readonly aheadMs: number;
};

/** `changed`: this very request moved the run to RUNNING. */
export type PermitAnswer =
  | { readonly answer: 'granted'; readonly changed?: boolean; readonly inMs: number }
  | { readonly answer: 'wait'; readonly ms: number }
  | { readonly answer: 'refused'; readonly reason: string };

/** Lock: the run's dispatch row. As `signalbox_report`; the function sets the workspace. */
export async function grantPermit(sql: Sql, request: PermitRequest): Promise<PermitAnswer> {
  const { workspaceId, agentId, session, requestId, runId, epoch, startReportMs, aheadMs } = request;
  const [row] = await sql.query<{ answer: PermitAnswer }>(
    'SELECT grant_permit($1::uuid, $2::uuid, $3::int, $4::uuid, $5::uuid, $6::bigint, $7::int, $8::int) AS answer',
    [workspaceId, agentId, session, requestId, runId, epoch, startReportMs, aheadMs],
    'grant-permit',
  );
  if (!row) throw new Error('grant_permit answered nothing');
  return row.answer;
}
