/**
 * Groups what failed since the last turn. Follows the feed of events, so that the transition of a run writes nothing more; the
 * cursor moves in the transaction that counts, and a run's attempt is counted once, whoever runs this how often.
 */
import { createHash, randomUUID } from 'node:crypto';
import { type RunFailure, toId, uuidv7 } from '@signalbox/proto';
import type pg from 'pg';
import { signatureOf } from '../../domain/failures/fingerprint.ts';
import { hearOf } from '../../domain/failures/triage.ts';
import { inTransaction } from '../../platform/transaction.ts';
import { type AppendedEvent, appendEvents } from '../events/index.ts';
import {
  addToDeployments,
  addToGroups,
  type Count,
  type DeploymentCount,
  type Ended,
  ensureGroups,
  holdCursor,
  insertMembers,
  type KnownGroup,
  moveCursor,
  type NewGroup,
  readEnded,
} from './group-store.ts';

/** Positions of the feed in one transaction. */
const POSITIONS = 5_000;
const MESSAGE_MAX = 2_000;

/** One turn. `'again'`: the feed goes on. */
export function groupFailures(pool: pg.Pool): Promise<'again' | undefined> {
  return inTransaction(pool, async (sql) => {
    const cursor = await holdCursor(sql);
    if (!cursor || cursor.head <= cursor.position) return;
    const upTo = Math.min(cursor.head, cursor.position + POSITIONS);
    const { ended, day } = await readEnded(sql, cursor, upTo);
    if (ended.length > 0) {
      const failures = ended.map(failureOf);
      const groups = new Map((await ensureGroups(sql, uniqueGroups(failures))).map((group) => [keyOf(group), group]));
      const known = failures.map((failure) => ({ ...failure, group: groups.get(keyOf(failure)) as KnownGroup & { isNew: boolean } }));
      const fresh = await insertMembers(
        sql,
        known.map(({ run, group }) => ({
          groupId: group.id,
          workspaceId: run.workspaceId,
          runId: run.runId,
          epoch: run.epoch,
          at: run.endedAt,
        })),
      );
      const counted = known.filter(({ run }) => fresh.has(`${run.runId} ${run.epoch}`));
      const { counts, deployments, events } = countThem(counted, new Date());
      await addToGroups(sql, counts);
      await addToDeployments(sql, deployments);
      await appendEvents(sql, events);
    }
    await moveCursor(sql, upTo, day);
    return upTo < cursor.head ? 'again' : undefined;
  });
}

type Failure = { readonly run: Ended; readonly workspaceId: string; readonly fingerprint: Uint8Array; readonly made: NewGroup };
type Counted = Failure & { readonly group: KnownGroup & { readonly isNew: boolean } };

const keyOf = ({ workspaceId, fingerprint }: { workspaceId: string; fingerprint: Uint8Array }) =>
  `${workspaceId} ${Buffer.from(fingerprint).toString('base64')}`;

function failureOf(run: Ended): Failure {
  const { workspaceId, flowId, stateMessage, stateName } = run;
  // A state that a person set has a reason and no failure.
  const failure: RunFailure = run.failure ?? { kind: 'application', message: stateMessage ?? stateName };
  const { signature, title, frames } = signatureOf(failure, flowId);
  const fingerprint = createHash('sha256').update(signature).digest();
  const message = failure.message.slice(0, MESSAGE_MAX);
  const made: NewGroup = {
    id: uuidv7(Date.now()),
    workspaceId,
    fingerprint,
    kind: failure.kind,
    title,
    message,
    frames,
    at: run.endedAt,
    runId: run.runId,
  };
  return { run, workspaceId, fingerprint, made };
}

function uniqueGroups(failures: readonly Failure[]): NewGroup[] {
  // The first of each, as they come in the order of their ends.
  const unique = new Map<string, NewGroup>();
  for (const failure of failures) if (!unique.has(keyOf(failure))) unique.set(keyOf(failure), failure.made);
  return [...unique.values()];
}

/** What is added to each group, and what is heard of it: once, however many failures there are. */
function countThem(counted: readonly Counted[], now: Date): { counts: Count[]; deployments: DeploymentCount[]; events: AppendedEvent[] } {
  const counts: Count[] = [];
  const deployments: DeploymentCount[] = [];
  const events: AppendedEvent[] = [];
  for (const [group, own] of Map.groupBy(counted, (each) => each.group)) {
    const heard = new Set(
      own.map(({ run }) => hearOf(group, { deploymentId: run.deploymentId, version: run.version, at: run.startedAt ?? run.endedAt }, now)),
    );
    // They come in the order of their ends.
    const last = (own.at(-1) as Counted).run;
    const isReopened = heard.has('reopened') || heard.has('reopened-muted');
    const isUnmuted = heard.has('unmuted');
    counts.push({ groupId: group.id, occurrences: own.length, lastAt: last.endedAt, lastRunId: last.runId, isReopened, isUnmuted });
    for (const [deploymentId, of] of Map.groupBy(own, ({ run }) => run.deploymentId)) {
      const versions = of.map(({ run }) => run.version);
      deployments.push({
        groupId: group.id,
        workspaceId: group.workspaceId,
        deploymentId,
        occurrences: of.length,
        firstVersion: Math.min(...versions),
        lastVersion: Math.max(...versions),
        lastAt: (of.at(-1) as Counted).run.endedAt,
      });
    }
    const what = group.isNew ? 'opened' : heard.has('reopened') || isUnmuted ? 'reopened' : null;
    if (what) events.push(eventOf(what, group, last, own.length));
  }
  return { counts, deployments, events };
}

function eventOf(what: 'opened' | 'reopened', group: KnownGroup, last: Ended, count: number): AppendedEvent {
  const deployment = last.deployment
    ? [{ role: 'deployment', id: toId('deployment', last.deploymentId), name: last.deployment, path: `${last.flow}/${last.deployment}` }]
    : [];
  return {
    workspaceId: group.workspaceId,
    id: randomUUID(),
    name: `failure-group.${what}`,
    resource: { id: toId('failureGroup', group.id), kind: 'failure-group', name: group.title },
    related: [
      { role: 'run', id: toId('run', last.runId), name: last.name },
      { role: 'flow', id: toId('flow', last.flowId), name: last.flow ?? '' },
      ...deployment,
    ],
    payload: {
      title: group.title,
      occurrences: Number(group.occurrences) + count,
      version: last.version,
      message: last.failure?.message.slice(0, MESSAGE_MAX) ?? last.stateMessage,
    },
  };
}
