/**
 * Telling by a channel: taken once a request, told once an edge. A problem with a fingerprint is told when it begins; while it is open,
 * further occurrences are counted; its end is told once. What is taken leaves by the loop (loop.ts), with attempts.
 */
import { uuidv7 } from '@signalbox/proto';
import { isAtLeast, type Severity } from '@signalbox/proto/api';
import { endOfQuiet } from '../../domain/notifications/quiet-hours.ts';
import type { Db } from '../../platform/db.ts';
import type { Sql } from '../../platform/sql.ts';
import { inTransaction } from '../../platform/transaction.ts';
import { closeAlert, countLately, findByRequest, findRules, heldUntil, insertNotification, openAlert, type Rules } from './store.ts';

/** What to tell. Ids are UUIDs. */
export type NotificationRequest = {
  readonly workspaceId: string;
  readonly channelId: string;
  readonly subject: string;
  /** Plain text. */
  readonly body: string;
  readonly severity: Severity;
  /** Names the problem; null: it is told each time. */
  readonly fingerprint: string | null;
  /** The problem of this fingerprint is over. */
  readonly resolved: boolean;
  /** Of the requester, stable over repeats: a request is taken once. */
  readonly deliveryId: string;
  /** Page of the console about it. */
  readonly link?: string | null;
};

/**
 * `queued`: it goes out; `held`: it waits for a digest or the end of quiet hours; `suppressed`: the problem was told and is open,
 * or was never told, or is milder than the channel tells; `repeated`: this request was taken before.
 */
export type NotificationOutcome = 'queued' | 'held' | 'suppressed' | 'repeated' | 'disabled' | 'no-channel';

/** More than these in a minute are gathered, so that nobody gets a hundred at a time. */
const SINGLY_A_MINUTE = 20;
const STORM_SECONDS = 60;
export const SUBJECT_MAX = 500;
export const BODY_MAX = 20_000;
export const FINGERPRINT_MAX = 255;

/** In a transaction of its own. Texts over their bounds are cut. */
export function sendNotification(db: Pick<Db, 'systemSql'>, request: NotificationRequest): Promise<{ outcome: NotificationOutcome }> {
  return inTransaction(db.systemSql, (sql) => queueNotification(sql, request));
}

/** The same in the caller's transaction: it is told if that commits. */
export async function queueNotification(
  sql: Sql,
  request: NotificationRequest,
): Promise<{ outcome: NotificationOutcome; id: string | null }> {
  const { workspaceId, channelId, severity, resolved } = request;
  const fingerprint = request.fingerprint?.slice(0, FINGERPRINT_MAX) || null;
  const rules = await findRules(sql, workspaceId, channelId);
  if (!rules) return { outcome: 'no-channel', id: null };
  if (!rules.isEnabled) return { outcome: 'disabled', id: null };
  const before = await findByRequest(sql, channelId, request.deliveryId);
  if (before) return { outcome: 'repeated', id: before };
  const edge = await edgeOf(sql, { ...request, fingerprint }, rules);
  if (edge === null) return { outcome: 'suppressed', id: null };
  const waits = await waitOf(sql, channelId, severity, rules);
  const id = uuidv7(rules.now.getTime());
  const status = waits ? 'held' : 'queued';
  const isNew = await insertNotification(sql, {
    id,
    workspaceId,
    channelId,
    requestKey: request.deliveryId,
    status,
    severity,
    subject: request.subject.slice(0, SUBJECT_MAX),
    body: request.body.slice(0, BODY_MAX),
    link: request.link ?? null,
    fingerprint,
    isRecovery: resolved,
    occurrences: edge,
    dueAt: waits ?? rules.now,
  });
  return isNew ? { outcome: status, id } : { outcome: 'repeated', id: null };
}

/** How often the problem had happened, where it is to be told; null: it is not. */
async function edgeOf(sql: Sql, request: NotificationRequest, { leastSeverity, remindSeconds }: Rules): Promise<number | null> {
  const { workspaceId, channelId, fingerprint, resolved, severity } = request;
  // The end of what was told is told, however mild it is called by then.
  if (resolved) return fingerprint === null ? 1 : closeAlert(sql, channelId, fingerprint);
  if (!isAtLeast(severity, leastSeverity)) return null;
  if (fingerprint === null) return 1;
  const { isTold, occurrences } = await openAlert(sql, { workspaceId, channelId, fingerprint, remindSeconds });
  return isTold ? occurrences : null;
}

/** When it goes out; null: at once. */
async function waitOf(sql: Sql, channelId: string, severity: Severity, { quietHours, digestSeconds, now }: Rules): Promise<Date | null> {
  const quiet = quietHours && !isAtLeast(severity, quietHours.unless) ? endOfQuiet(new Date(now), quietHours) : null;
  if (quiet) return quiet;
  if (severity === 'critical') return null;
  const seconds = digestSeconds > 0 ? digestSeconds : (await countLately(sql, channelId)) >= SINGLY_A_MINUTE ? STORM_SECONDS : 0;
  if (seconds === 0) return null;
  return (await heldUntil(sql, channelId)) ?? new Date(new Date(now).getTime() + seconds * 1_000);
}
