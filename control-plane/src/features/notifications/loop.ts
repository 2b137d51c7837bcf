/** Sends what is due, one message a delivery or one for all that a channel held; what fails is tried again, ever later, under the same id. */

import { toId } from '@signalbox/proto';
import { type ChannelTarget, channelTargetSchema } from '@signalbox/proto/api';
import { digestOf, type Notice } from '../../domain/notifications/notice.ts';
import type { Db } from '../../platform/db.ts';
import { type Loop, type LoopLog, startLoop } from '../../platform/loop.ts';
import { outsideFetch } from '../../platform/outside-fetch.ts';
import { sealOf } from '../../platform/seal.ts';
import type { Services } from '../../platform/services.ts';
import { sqlOfClient } from '../../platform/sql.ts';
import { inTransaction } from '../../platform/transaction.ts';
import { appendEvents } from '../events/index.ts';
import { deliver, type Outcome } from './deliver.ts';
import { type Claimed, claimDue, closeAlert, writeAttempt } from './store.ts';

const EVERY_MS = 500;
const AT_ONCE = 50;
/** Above the longest attempt: after it the sender is taken for dead. */
const LOST_SECONDS = 60;
/** Pauses after each attempt: about eight hours in all. */
const BACKOFF_MS = [5_000, 20_000, 60_000, 300_000, 900_000, 3_600_000, 7_200_000, 14_400_000] as const;
const LONGEST_ASKED_MS = 3_600_000;
/** These tell a problem from another by themselves: each goes alone. */
const ALONE: readonly string[] = ['pagerduty', 'opsgenie'];

type Deps = {
  readonly db: Pick<Db, 'systemSql'>;
  readonly mail: Services['mail'];
  readonly settings: Pick<Services['settings'], 'secret' | 'privateTargets'>;
  readonly log: LoopLog;
};

export function startNotifications(deps: Deps): Pick<Loop, 'stop'> {
  return startLoop({ name: 'notifications', everyMs: EVERY_MS, log: deps.log, run: () => sendDue(deps) });
}

/** One turn. `'again'`: more may be due. */
export async function sendDue(deps: Deps): Promise<'again' | undefined> {
  const claimed = await claimDue(sqlOfClient(deps.db.systemSql), { limit: AT_ONCE, lostSeconds: LOST_SECONDS });
  const opened = await openTargets(deps, claimed);
  const messages = Map.groupBy(claimed, (row) => {
    const target = opened.get(row.channelId);
    return row.status === 'held' && target && !ALONE.includes(target.kind) ? `${row.channelId} ${row.tries}` : row.id;
  });
  await Promise.all([...messages.values()].map((rows) => sendOne(deps, rows, opened.get(rows[0]?.channelId ?? '') ?? null)));
  return claimed.length === AT_ONCE ? 'again' : undefined;
}

async function openTargets({ settings }: Deps, rows: readonly Claimed[]): Promise<Map<string, ChannelTarget>> {
  const seal = sealOf(settings.secret);
  const opened = new Map<string, ChannelTarget>();
  for (const { channelId, sealed } of rows) {
    if (opened.has(channelId)) continue;
    // Sealed with another secret: the deliveries say so, and go on being tried.
    const text = await seal.open(sealed).catch(() => null);
    if (text !== null) opened.set(channelId, channelTargetSchema.parse(JSON.parse(text)));
  }
  return opened;
}

async function sendOne(deps: Deps, rows: readonly Claimed[], target: ChannelTarget | null): Promise<void> {
  const [first] = rows;
  if (!first) return;
  const begunAt = new Date();
  const sender = { fetch: outsideFetch(deps.settings.privateTargets, 'SIGNALBOX_PRIVATE_TARGETS'), mail: deps.mail };
  const unopened: Outcome = {
    status: null,
    error: 'the target was sealed with another SIGNALBOX_SECRET',
    isFinal: false,
    retryAfterMs: null,
  };
  const outcome = target ? await deliver(sender, target, digestOf(rows.map(noticeOf))) : unopened;
  const ms = Date.now() - begunAt.getTime();
  const attempt = { at: begunAt.toISOString(), status: outcome.status, error: outcome.error, ms };
  const next = nextOf(outcome, first.tries);
  await inTransaction(deps.db.systemSql, async (sql) => {
    await writeAttempt(
      sql,
      rows.map(({ id }) => id),
      { attempt, tries: first.tries, next },
    );
    if (next !== 'failed') return;
    // Nobody was told: the next occurrence is told again.
    for (const row of rows) if (row.fingerprint && !row.isRecovery) await closeAlert(sql, row.channelId, row.fingerprint);
    await appendEvents(sql, [
      {
        workspaceId: first.workspaceId,
        id: first.id,
        name: 'notification.failed',
        resource: { id: toId('channel', first.channelId), kind: 'channel', name: first.channelName },
        payload: { delivery: toId('delivery', first.id), error: outcome.error, notifications: rows.length },
      },
    ]);
  });
}

function nextOf({ error, isFinal, retryAfterMs }: Outcome, tries: number): 'sent' | 'failed' | { inMs: number } {
  if (error === null) return 'sent';
  const pause = BACKOFF_MS[tries - 1];
  if (isFinal || pause === undefined) return 'failed';
  return { inMs: Math.max(pause, Math.min(retryAfterMs ?? 0, LONGEST_ASKED_MS)) };
}

function noticeOf({ id, subject, body, severity, fingerprint, isRecovery, occurrences, createdAt, link }: Claimed): Notice {
  return { id: toId('delivery', id), subject, body, severity, fingerprint, isRecovery, occurrences, at: new Date(createdAt), link };
}
