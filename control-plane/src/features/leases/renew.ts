/**
 * Renewal: an agent names its set by count and hash. Equal: only its own row is written. Not equal: it is asked for the
 * full list, with which both sides learn what is whose. A run it does not name is not renewed.
 */
import { toUuid } from '@signalbox/proto';
import type { Renew, RenewReply } from '@signalbox/proto/messages';
import { agentRevoked, sessionOver } from '../../platform/agent-requests.ts';
import type { AppError } from '../../platform/errors.ts';
import type { Sql } from '../../platform/sql.ts';
import { type AfterCommit, type DispatchSettings, transitionRuns } from '../dispatch/index.ts';
import { type Comparison, compareHolding, type HeldRun, toCancel, toHold } from './holding.ts';
import { type RenewedRow, renewLeases } from './store/agents.ts';
import { markNamed, readHeldRuns } from './store/held-runs.ts';

export type Renewal = { readonly from: { readonly workspaceId: string; readonly agentId: string }; readonly message: Renew };
export type Renewed = { readonly reply: RenewReply; readonly error?: undefined } | { readonly error: Error; readonly reply?: undefined };

/** In one transaction of all their workspaces. Runs are locked, ascending by id, before agents' rows. */
export async function renewAll(
  sql: Sql,
  renewals: readonly Renewal[],
  settings: DispatchSettings,
): Promise<{ renewed: Renewed[]; effects: readonly AfterCommit[] }> {
  const listed = renewals.filter(({ message }) => message.holding);
  const lists = listed.length > 0 ? await reconcile(sql, listed, settings) : null;
  const begun = await beginStarted(sql, renewals, settings);
  const rows = await renewLeases(sql, renewals, settings);
  const refusals = renewals.map(({ message }, i) => refusalOf(rows[i], message.session));

  // Equal in number and hash, yet something was thought lost: it is named after all.
  const astray = renewals.filter(({ message }, i) => !refusals[i] && !message.holding && rows[i]?.isEqual && rows[i]?.isAstray);
  const found = await regainAll(sql, astray, settings);
  const wanted = renewals.filter((_, i) => !refusals[i] && rows[i]?.isWanted);
  const held = await readHeldRuns(
    sql,
    wanted.map(({ from }) => from.agentId),
  );

  const renewed = renewals.map((renewal, i): Renewed => {
    const [row, error] = [rows[i], refusals[i]];
    if (error || !row) return { error: error ?? agentRevoked() };
    const list = lists?.comparisons.get(renewal);
    const its = held.filter(({ agentId }) => agentId === renewal.from.agentId);
    const hold = toHold(its);
    return {
      reply: {
        sendFull: !list && !row.isEqual,
        notYours: list?.notYours ?? [],
        cancel: toCancel(its),
        ...(hold.length > 0 ? { hold } : {}),
        drain: row.drain,
        serverTime: row.now.toISOString(),
        timeline: row.timeline,
      },
    };
  });
  return { renewed, effects: [...(lists?.effects ?? []), ...begun, ...found] };
}

function refusalOf(row: RenewedRow | undefined, session: number): AppError | null {
  if (!row || row.session === null || row.revoked) return agentRevoked();
  return row.session === session ? null : sessionOver(session, row.session);
}

/** Full lists: what is named and what is not, run by run. Lists of an older session are not believed. */
async function reconcile(sql: Sql, renewals: readonly Renewal[], settings: DispatchSettings) {
  const sessions = await currentSessions(sql, renewals);
  const believed = renewals.filter(({ from, message }) => sessions.get(from.agentId) === message.session);
  const agentIds = believed.map(({ from }) => from.agentId);
  const held = await readHeldRuns(sql, agentIds);
  const comparisons = new Map<Renewal, Comparison>();
  for (const renewal of believed) {
    const { holding = [], stretch } = renewal.message;
    comparisons.set(renewal, compareHolding(holding, ofAgent(held, renewal), stretch));
  }
  const all = [...comparisons.values()];
  const marks = { unnamed: all.flatMap((one) => one.unnamed), named: all.flatMap((one) => one.namedAgain), agentIds };
  await markNamed(sql, marks);
  const { effects } = await transitionRuns(
    sql,
    all.flatMap((one) => one.regained).map((runId) => ({ runId, intent: { kind: 'regain' } })),
    settings,
  );
  return { comparisons, effects };
}

/** Runs whose start is told here before its report came. Of another session or epoch: refused by the machine, as ever. */
async function beginStarted(sql: Sql, renewals: readonly Renewal[], settings: DispatchSettings): Promise<readonly AfterCommit[]> {
  const told = renewals.filter(({ message }) => message.started && message.started.length > 0);
  if (told.length === 0) return [];
  const sessions = await currentSessions(sql, told);
  const requests = told
    .filter(({ from, message }) => sessions.get(from.agentId) === message.session)
    .flatMap(({ from: { agentId }, message }) =>
      (message.started ?? []).map(({ run, epoch }) => ({
        runId: toUuid('run', run),
        intent: { kind: 'start', owner: { agentId, epoch } } as const,
      })),
    );
  return (await transitionRuns(sql, requests, settings)).effects;
}

async function regainAll(sql: Sql, renewals: readonly Renewal[], settings: DispatchSettings): Promise<readonly AfterCommit[]> {
  const agentIds = renewals.map(({ from }) => from.agentId);
  const held = await readHeldRuns(sql, agentIds);
  await markNamed(sql, { unnamed: [], named: held.filter((run) => run.isUnnamed).map(({ runId }) => runId), agentIds });
  const lost = held.filter(({ name }) => name === 'Lost');
  return (
    await transitionRuns(
      sql,
      lost.map(({ runId }) => ({ runId, intent: { kind: 'regain' } })),
      settings,
    )
  ).effects;
}

async function currentSessions(sql: Sql, renewals: readonly Renewal[]): Promise<Map<string, number>> {
  const rows = await sql.query<{ id: string; session: number }>(
    'SELECT id, session FROM agent WHERE id = ANY ($1::uuid[]) AND revoked_at IS NULL',
    [renewals.map(({ from }) => from.agentId)],
  );
  return new Map(rows.map(({ id, session }) => [id, session]));
}

function ofAgent(held: readonly HeldRun[], { from }: Renewal): HeldRun[] {
  return held.filter(({ agentId }) => agentId === from.agentId);
}
