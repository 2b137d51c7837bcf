/**
 * One batch of the feed for all automations: what it makes of their buckets, the firings, the actions of each and the place of
 * the cursor are one transaction. A crash before its commit leaves all as it was; after it, nothing is evaluated twice.
 *
 * Locks: the cursor's row first (SKIP LOCKED: of two replicas one works, whoever holds the shard), then buckets by primary key.
 */
import { uuidv7 } from '@signalbox/proto';
import { faultPoint } from '@signalbox/proto/faults';
import {
  bucketKey,
  bucketsAbove,
  evaluate,
  GUARD_ID,
  hitsOf,
  indexRules,
  type KnownBuckets,
  neededBuckets,
  type RuleFiring,
  type RuleIndex,
  TOLERANCE_MS,
} from '../../../domain/triggers/index.ts';
import type { Db } from '../../../platform/db.ts';
import type { Sql } from '../../../platform/sql.ts';
import { inTransaction } from '../../../platform/transaction.ts';
import { isBehind, readFeed, readHead } from '../../events/index.ts';
import { whyOf } from './describe.ts';
import {
  type Active,
  clockMs,
  insertFirings,
  isOfEvents,
  lockCursor,
  moveCursor,
  type NewFiring,
  readActive,
  readBuckets,
  readDue,
  readStamp,
  switchOffBroken,
  tellProblem,
  writeBuckets,
} from './store.ts';

/** Events, and due buckets, of one transaction. */
export const AT_A_TIME = 1_000;

/** What is switched on, compiled; kept while its stamp stands. */
export type Compiled = {
  stamp: string;
  active: ReadonlyMap<string, Active>;
  index: RuleIndex;
  workspaceIds: readonly string[];
};
export const nothingCompiled = (): Compiled => ({ stamp: '', active: new Map(), index: indexRules([]), workspaceIds: [] });

export type Evaluated = {
  /** `idle`: another replica evaluates. `more`: more is waiting. */
  readonly state: 'idle' | 'done' | 'more';
  readonly events: number;
  readonly firings: readonly NewFiring[];
};

/** `compiled` is brought up to date and kept by the caller from batch to batch. */
export function evaluateBatch(db: Pick<Db, 'systemSql'>, compiled: Compiled): Promise<Evaluated> {
  return inTransaction(db.systemSql, (sql) => batch(sql, compiled));
}

async function batch(sql: Sql, compiled: Compiled): Promise<Evaluated> {
  const from = await lockCursor(sql);
  if (from === null) return { state: 'idle', events: 0, firings: [] };
  await compile(sql, compiled);
  const { index, active, workspaceIds } = compiled;
  const head = await readHead(sql);
  if (index.rules.size === 0) {
    if (head > from.position) await moveCursor(sql, from.position, head);
    return { state: 'done', events: 0, firings: [] };
  }
  const nowMs = await clockMs(sql);
  const feed =
    head > from.position
      ? await readFeed(sql, {
          after: from.position,
          upTo: head,
          since: from.receivedAt,
          workspaceIds,
          limit: AT_A_TIME,
          wants: (workspaceId, name) => index.candidates(workspaceId, name).length > 0,
        })
      : { events: [], reached: from.position, reachedAt: null };
  const isBehindFeed = feed.reached < head;
  // Deadlines wait for what was told in time and has no position yet.
  const caughtUpTo = (await isBehind(sql, TOLERANCE_MS)) ? 0 : nowMs;
  const reachedMs = isBehindFeed ? (feed.reachedAt?.getTime() ?? 0) : caughtUpTo;
  const due = await readDue(sql, reachedMs, AT_A_TIME);
  const dueLast = due.at(-1);
  const isDueFull = due.length === AT_A_TIME && dueLast !== undefined;
  // Of so many deadlines the later ones were not read: events after them wait for the next batch.
  const horizonMs = isDueFull ? Math.min(reachedMs, dueLast.bucket.deadlineAt ?? reachedMs) : reachedMs;
  const later = isDueFull ? feed.events.findIndex(({ receivedAt }) => Date.parse(receivedAt) > horizonMs) : -1;
  const events = later < 0 ? feed.events : feed.events.slice(0, later);

  const hits = hitsOf(index, events);
  const known: KnownBuckets = new Map(due.map(({ automationId, id, bucket }) => [bucketKey(automationId, id), bucket]));
  const needed = neededBuckets(hits);
  for (const { automationId, id } of due) {
    const rule = index.rules.get(automationId);
    if (rule) for (const above of bucketsAbove(rule, id)) needed.set(bucketKey(automationId, above), { ruleId: automationId, id: above });
  }
  await readBuckets(
    sql,
    [...needed.values()].filter(({ ruleId, id }) => !known.has(bucketKey(ruleId, id))),
    known,
  );
  const { firings, changed, heldBack, broken } = evaluate(index, hits, known, horizonMs);

  await writeBuckets(
    sql,
    [...changed].map((key) => {
      const ruleId = key.slice(0, key.indexOf(' '));
      return { ruleId, workspaceId: active.get(ruleId)?.workspaceId ?? '', id: key.slice(key.indexOf(' ') + 1), bucket: known.get(key) };
    }),
  );
  // Ids in the order of the firings: of one instant they are in no order by themselves.
  const ids = firings.map(() => uuidv7(nowMs)).sort();
  const made = firings.flatMap((firing, i) => newFiring(active.get(firing.ruleId), firing, ids[i] ?? uuidv7(nowMs), nowMs));
  await insertFirings(sql, made);
  for (const id of heldBack) {
    const [, , held = 0] = known.get(bucketKey(id, GUARD_ID))?.times ?? [];
    await tellProblem(
      sql,
      id,
      `The rate guard held back ${held} firings since ${new Date(nowMs).toISOString()}: at most 200 at once, then one a second.`,
    );
  }
  for (const [id, why] of broken) await switchOffBroken(sql, id, `It was switched off: its trigger could not be evaluated (${why}).`);
  const next = feed.events[later];
  const to = next ? next.position - 1 : feed.reached;
  if (to > from.position) await moveCursor(sql, from.position, to);
  if (made.length > 0) faultPoint('automation-evaluated');
  return { state: isBehindFeed || isDueFull ? 'more' : 'done', events: events.length, firings: made };
}

async function compile(sql: Sql, compiled: Compiled): Promise<void> {
  const stamp = await readStamp(sql);
  if (stamp === compiled.stamp) return;
  const active = await readActive(sql);
  const ofEvents = active.filter(isOfEvents);
  compiled.active = new Map(active.map((each) => [each.id, each]));
  compiled.index = indexRules(ofEvents);
  compiled.workspaceIds = [...new Set(ofEvents.map(({ workspaceId }) => workspaceId))];
  compiled.stamp = stamp;
}

function newFiring(automation: Active | undefined, firing: RuleFiring, id: string, nowMs: number): NewFiring[] {
  if (!automation || !isOfEvents(automation)) return [];
  const actions = firing.kind === 'triggered' ? automation.onTrigger : automation.onResolve;
  return [
    {
      id,
      automation,
      kind: firing.kind,
      atMs: firing.at,
      key: firing.key === '' ? [] : (JSON.parse(firing.key) as string[]),
      event: firing.event,
      parts: firing.parts ?? [],
      why: whyOf(automation.trigger, firing),
      actions: actions.map((action) => ({ id: uuidv7(nowMs), action })),
    },
  ];
}
