/** What flows ask: a question to a person, and its answer. The question is stored before the flow waits for anything. */
import { randomUUID } from 'node:crypto';
import { openEnvelope } from '@signalbox/proto';
import type { PauseReply } from '@signalbox/proto/messages';
import type { Intent } from '../../domain/run-snapshot.ts';
import { conflict, invalidInput, limitExceeded } from '../../platform/errors.ts';
import { checkSchema } from '../../platform/parameter-schema.ts';
import type { Sql } from '../../platform/sql.ts';
import { inWorkspaces } from '../../platform/transaction.ts';
import { type Caller, type CallsCtx, type OpOf, requireHolding } from '../calls/index.ts';
import { type AfterCommit, afterCommit, transitionRun } from '../dispatch/index.ts';
import { appendEvents } from '../events/index.ts';
import { countPauses, findPause, insertPause, type PausePlace, type PauseRow } from './store.ts';

/** Questions of one run, all its attempts together. */
export const MAX_PAUSES = 1_000;
/** However late a flow asks again for what is open, a person gets this long. */
const LEAST_LEFT_MS = 1_000;

type Answered = { readonly reply: PauseReply; readonly effects: readonly AfterCommit[] };

export async function pause(ctx: CallsCtx, caller: Caller, op: OpOf<'pause' | 'approve'>): Promise<PauseReply> {
  const issues = op.inputSchema ? await checkSchema(op.inputSchema, 'input') : [];
  if (issues.length > 0) throw invalidInput(issues);
  return answering(ctx, caller, async (sql) => {
    const { retentionClass } = await requireHolding(sql, caller, 'lock');
    const place = { retentionClass, runId: caller.runId };
    const known = await findPause(sql, place, op.key);
    if (known?.answeredAt) return { reply: answerOf(known), effects: [] };
    if (!known) await ask(sql, caller, place, op);
    const row = known ? inEpoch(known, caller) : { how: op.how, key: op.key, timeoutMs: op.timeoutMs, message: op.message, ageMs: 0 };
    return waitOn(ctx, sql, caller, row);
  });
}

export async function pauseAnswer(ctx: CallsCtx, caller: Caller, op: OpOf<'pauseAnswer'>): Promise<PauseReply> {
  return answering(ctx, caller, async (sql) => {
    const held = await requireHolding(sql, caller);
    const row = await findPause(sql, { retentionClass: held.retentionClass, runId: caller.runId }, op.key);
    if (!row) throw conflict(`This run was never paused under the key "${op.key}".`);
    if (row.answeredAt) return { reply: answerOf(row), effects: [] };
    // Its agent was lost and is back, or another question of it was answered: it is Paused again.
    if (held.stateType === 'RUNNING' && row.how === 'pause') return waitOn(ctx, sql, caller, inEpoch(row, caller));
    return { reply: { status: 'waiting', expiresAt: expiryOf(ctx, inEpoch(row, caller)) }, effects: [] };
  });
}

/** A process that asks again what an earlier one of the run asked gives a person the whole time again. */
function inEpoch(row: PauseRow, { epoch }: Caller): PauseRow {
  return row.epoch === epoch ? row : { ...row, ageMs: 0 };
}

async function answering(ctx: CallsCtx, caller: Caller, work: (sql: Sql) => Promise<Answered>): Promise<PauseReply> {
  const { reply, effects } = await inWorkspaces(ctx.db.reportSql, [caller.workspaceId], work);
  void afterCommit(ctx, effects);
  return reply;
}

async function ask(sql: Sql, { workspaceId, runId }: Caller, place: PausePlace, op: OpOf<'pause' | 'approve'>): Promise<void> {
  if ((await countPauses(sql, place)) >= MAX_PAUSES) throw limitExceeded(`A run may ask people ${MAX_PAUSES} times; this one has.`);
  if (op.name === 'pause')
    return insertPause(sql, place.runId, { ...op, askedBy: null, approvers: null, remindEveryMs: null, onExpire: null });
  await insertPause(sql, place.runId, { ...op, askedBy: null });
  const payload = { key: op.key, message: op.message, approvers: op.approvers };
  await appendEvents(sql, [{ workspaceId, runId, id: randomUUID(), name: 'approval.asked', payload }]);
}

/** A pause is in effect at once; a suspension once the process has left. */
async function waitOn(
  ctx: CallsCtx,
  sql: Sql,
  { agentId, epoch, runId }: Caller,
  row: Pick<PauseRow, 'how' | 'key' | 'timeoutMs' | 'message' | 'ageMs'>,
): Promise<Answered> {
  const { how, key, timeoutMs, message } = row;
  const leftMs = Math.max(LEAST_LEFT_MS, (timeoutMs ?? ctx.settings.pauseMs) - row.ageMs);
  const intent: Intent =
    how === 'pause'
      ? { kind: 'pause', owner: { agentId, epoch }, timeoutMs: Math.round(row.ageMs === 0 ? (timeoutMs ?? leftMs) : leftMs), message }
      : { kind: 'hold', by: null, wanted: { how, key, timeoutMs, message } };
  const { verdict, effects } = await transitionRun(sql, { runId, intent }, ctx.settings);
  // One that is being cancelled, or waits for a child in another branch, just waits: its flow is told what comes.
  if (verdict.kind === 'reject' && (verdict.code === 'stale' || verdict.code === 'over'))
    throw conflict(`${verdict.reason}.`, { reason: 'stale' });
  return { reply: { status: 'waiting', expiresAt: expiryOf(ctx, row) }, effects };
}

function expiryOf(ctx: CallsCtx, row: Pick<PauseRow, 'timeoutMs' | 'ageMs'>): string {
  return new Date(Date.now() - row.ageMs + (row.timeoutMs ?? ctx.settings.pauseMs)).toISOString();
}

function answerOf(row: PauseRow): PauseReply {
  if (row.answer === null && row.onExpire === 'return') return { status: 'expired' };
  return { status: 'answered', input: row.answer ?? openEnvelope({}), ...(row.answeredBy === null ? {} : { by: row.answeredBy }) };
}

export const pauseCalls = { pause, approve: pause, pauseAnswer };
