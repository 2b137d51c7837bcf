/**
 * Looks at what figures and deadlines are about, one automation a transaction: its buckets, firings and actions commit together.
 *
 * Locks: the automation's row (SKIP LOCKED: of two replicas one looks), then its buckets.
 */
import { uuidv7 } from '@signalbox/proto';
import type { DeadlineTrigger, Event, MetricTrigger, Trigger } from '@signalbox/proto/api';
import { type Bucket, type StateStep, stepDeadline, stepFigure } from '../../../domain/triggers/index.ts';
import type { Db } from '../../../platform/db.ts';
import type { Sql } from '../../../platform/sql.ts';
import { inTransaction } from '../../../platform/transaction.ts';
import { readFigures, readOverdue, type Subject, WATCHED_MAX } from './figures.ts';
import {
  type Active,
  type ChangedBucket,
  clockMs,
  insertFirings,
  isOfEvents,
  lockAutomation,
  type NewFiring,
  readActive,
  readAllBuckets,
  tellProblem,
  writeBuckets,
} from './store.ts';

type OfState = Active & { readonly trigger: MetricTrigger | DeadlineTrigger };
/** What was seen of one key, and what that makes of its bucket. */
type Seen = { readonly subject: Subject; readonly step: StateStep; readonly value: number | null; readonly before: Bucket | undefined };

/** One look at all of them; answers the firings. One that cannot be looked at in time says so, and holds up no other. */
export async function evaluateStates(db: Pick<Db, 'systemSql'>): Promise<NewFiring[]> {
  const active = await inTransaction(db.systemSql, (sql) => readActive(sql));
  const made: NewFiring[] = [];
  for (const each of active) {
    if (isOfEvents(each)) continue;
    try {
      made.push(...(await inTransaction(db.systemSql, (sql) => look(sql, each as OfState))));
    } catch (error) {
      await inTransaction(db.systemSql, (sql) =>
        tellProblem(sql, each.id, `It could not be looked at: ${(error as Error).message}`.slice(0, 500)),
      );
    }
  }
  return made;
}

/** Time that one look may take. */
const LOOK_MS = 5_000;

async function look(sql: Sql, automation: OfState): Promise<NewFiring[]> {
  if (!(await lockAutomation(sql, automation.id))) return [];
  await sql.query(`SET LOCAL statement_timeout = ${LOOK_MS}`);
  const nowMs = await clockMs(sql);
  const before = await readAllBuckets(sql, automation.id);
  const seen =
    automation.trigger.type === 'metric'
      ? await lookAtFigures(sql, automation, automation.trigger, before, nowMs)
      : await lookAtDeadlines(sql, automation, automation.trigger, before, nowMs);
  const changed: ChangedBucket[] = seen
    .filter(({ step, before: was }) => JSON.stringify(step.bucket ?? null) !== JSON.stringify(was ?? null))
    .map(({ subject, step }) => ({
      ruleId: automation.id,
      workspaceId: automation.workspaceId,
      id: idOf(subject.key),
      bucket: stored(step.bucket, subject),
    }));
  const firings = seen.flatMap(({ subject, step, value }) =>
    step.outcome === null ? [] : [firingOf(automation, subject, step.outcome, value, nowMs)],
  );
  await writeBuckets(sql, changed);
  await insertFirings(sql, firings);
  return firings;
}

/** Kept with its subject, so that what is resolved can be told though it is gone. */
function stored(bucket: Bucket | null, { resource, related }: Subject): Bucket | undefined {
  return bucket ? { ...bucket, last: eventOf('', { key: '', resource, related }, null, 0) } : undefined;
}
/** Of open ones and pending ones alike; counted as open by its first character. */
const idOf = (key: string): string => `!|${JSON.stringify([key])}`;

type Known = ReadonlyMap<string, Bucket>;
/** Those that were open and are not seen any more. */
function gone(before: Known, seen: ReadonlySet<string>): [string, Subject, Bucket][] {
  return [...before].flatMap(([id, bucket]) => {
    const [key = ''] = JSON.parse(id.slice(2)) as string[];
    if (seen.has(id)) return [];
    const subject: Subject = { key, resource: bucket.last?.resource ?? { id: key }, related: bucket.last?.related ?? [] };
    return [[id, subject, bucket] as [string, Subject, Bucket]];
  });
}

async function lookAtFigures(sql: Sql, automation: OfState, trigger: MetricTrigger, before: Known, nowMs: number): Promise<Seen[]> {
  const figures = await readFigures(sql, automation.workspaceId, trigger);
  const ids = new Set(figures.map(({ key }) => idOf(key)));
  // A queue without a waiting run has a depth; of other figures, without runs, nothing is known.
  const nothing = trigger.metric === 'queue-depth' ? 0 : null;
  const all = [...figures, ...gone(before, ids).map(([, subject]) => ({ ...subject, value: nothing as number | null }))];
  return all.map(({ value, ...subject }) => {
    const was = before.get(idOf(subject.key));
    return { subject, value, before: was, step: stepFigure(trigger, was, value, nowMs) };
  });
}

async function lookAtDeadlines(sql: Sql, automation: OfState, trigger: DeadlineTrigger, before: Known, nowMs: number): Promise<Seen[]> {
  const overdue = await readOverdue(sql, automation.workspaceId, trigger, automation.sinceAt);
  const ids = new Set(overdue.map(({ key }) => idOf(key)));
  const over = overdue.map(({ seconds, ...subject }) => {
    const was = before.get(idOf(subject.key));
    return { subject, value: seconds as number | null, before: was, step: stepDeadline(was, true, nowMs) };
  });
  // Of more than are looked at, who is missing may be over as well.
  if (overdue.length === WATCHED_MAX) return over;
  const past = gone(before, ids).map(([, subject, was]) => ({ subject, value: null, before: was, step: stepDeadline(was, false, nowMs) }));
  return [...over, ...past];
}

function firingOf(automation: OfState, subject: Subject, kind: 'triggered' | 'resolved', value: number | null, nowMs: number): NewFiring {
  const actions = kind === 'triggered' ? automation.onTrigger : automation.onResolve;
  return {
    id: uuidv7(nowMs),
    automation,
    kind,
    atMs: nowMs,
    key: [subject.key],
    event: eventOf(nameOf(automation.trigger), subject, value, nowMs),
    parts: [],
    why: whyOf(automation.trigger, kind, subject, value),
    actions: actions.map((action) => ({ id: uuidv7(nowMs), action })),
  };
}

export const nameOf = (trigger: Trigger): string =>
  trigger.type === 'metric' ? `metric.${trigger.metric}` : trigger.type === 'deadline' ? `deadline.${trigger.condition}` : trigger.type;

/** In the shape of an event, so that actions and templates find what it is about; it is in no feed and has no id. */
export function eventOf(name: string, { resource, related }: Subject, value: number | null, nowMs: number): Event {
  const at = new Date(nowMs).toISOString();
  return {
    position: 0,
    id: '',
    name,
    occurredAt: at,
    receivedAt: at,
    resource: { ...resource },
    related: related.map((each) => ({ ...each })),
    payload: { value },
    follows: null,
  };
}

function whyOf(
  trigger: MetricTrigger | DeadlineTrigger,
  kind: 'triggered' | 'resolved',
  { resource }: Subject,
  value: number | null,
): string {
  const of = resource['path'] ?? resource['name'] ?? 'the workspace';
  if (trigger.type === 'metric') {
    const figure = value === null ? 'unknown' : String(Math.round(value * 1_000) / 1_000);
    return kind === 'triggered'
      ? `${trigger.metric} of ${of} is ${figure}, ${trigger.operator} ${trigger.threshold}`
      : `${trigger.metric} of ${of} is back: ${figure}`;
  }
  const words = {
    'running-longer-than': 'runs for over',
    'not-started-by': 'has not started after',
    'no-success-within': 'had no success for',
  }[trigger.condition];
  return kind === 'triggered' ? `${of} ${words} ${trigger.seconds} s` : `over: ${of} ${words} ${trigger.seconds} s no more`;
}
