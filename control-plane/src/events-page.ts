/**
 * `node control-plane/src/events-page.ts > docs/reference/events.md`: every event that Signalbox itself makes, from the states of
 * runs, the commands of the router, and the list below. A test fails when the page is out of date.
 */
import { pathToFileURL } from 'node:url';
import { STATE_NAMES } from '@signalbox/proto';
import { procedureMeta } from './permissions-page.ts';

/** Told by the run itself, or by the event that is emitted. */
const UNTOLD = ['run.create', 'run.create-many', 'event.emit'];

/** Names that the SDK gives. */
const TASK_RUN_STATES = [
  'Pending',
  'AwaitingConcurrencySlot',
  'Running',
  'Retrying',
  'AwaitingRetry',
  'AwaitingChild',
  'Completed',
  'Cached',
  'RolledBack',
  'Failed',
  'TimedOut',
  'Crashed',
  'Cancelled',
  'NotReady',
] as const;

/** Events that are neither a state of a run nor a command. */
const OTHERS: readonly (readonly [name: string, about: string, when: string])[] = [
  ['run.Late', 'run', 'it has not started 15 s after it was due; once'],
  [
    'limit.saturated',
    'limit, work pool, queue or deployment',
    'runs have waited for it for 10 s without a break; `payload` has its slots, how many are held, how many wait',
  ],
  ['limit.available', 'the same', 'nobody has waited for it for 10 s'],
  ['artifact.created', 'artifact', 'a run made an artifact'],
  ['automation.fired', 'automation', 'it fired; `related` has the firing, what set it off and what that was about'],
  ['automation.resolved', 'automation', 'what it fired for is over'],
  ['agent.online', 'agent', 'it is there and takes runs; the work pool is related, `payload.was` is what it was before'],
  ['agent.offline', 'agent', 'its lease ended in served time: no outage of ours does this'],
  ['agent.draining', 'agent', 'it ends what it has and takes nothing new'],
  ['agent.quarantined', 'agent', 'it is given nothing new until it is released'],
  ['agent.revoked', 'agent', 'it is cut off for good'],
  ['work-pool.ready', 'work pool', 'an agent of it takes runs; `payload.was` is what it was before'],
  ['work-pool.not-ready', 'work pool', 'none does'],
  ['work-pool.paused', 'work pool', 'it was paused by hand'],
  ['asset.materialized', 'asset', 'a run made an asset anew'],
  ['asset.failed', 'asset', 'a run was to make it and did not'],
  ['sla.violated', 'service level', 'what was promised was not kept; once'],
  ['sla.met', 'service level', 'it is kept again'],
  [
    'incident.declared',
    'incident',
    'somebody, or an automation, declared it; then `incident.updated`, `.commented`, `.resolved`, `.reopened`',
  ],
  ['failure-group.resolved', 'group of failures', 'a version of its code ended it'],
  ['notification.failed', 'channel', 'a delivery was given up'],
  ['schedule.fire-missing', 'schedule', 'the auditor found that it did not fire'],
  ['schedule.fire-extra', 'schedule', 'the auditor found a fire that nothing asked for'],
  ['automation.action-failed', 'automation', 'an action was given up; `payload` has its kind and why'],
];

export function eventsPage(): string {
  const states = Object.entries(STATE_NAMES).map(([type, names]) => row([type, names.map((name) => `\`run.${name}\``).join(', ')]));
  const actions = [...procedureMeta().values()].flatMap((meta) =>
    meta?.access === 'workspace' && meta.action !== undefined && !UNTOLD.includes(meta.action) ? [meta.action] : [],
  );
  const byNoun = Map.groupBy([...new Set(actions)].sort(), (action) => action.slice(0, action.indexOf('.')));
  return `# Events

<!-- Made by \`node control-plane/src/events-page.ts\`; a test compares. -->

Every event that Signalbox makes. Yours have any other name: [events](../concepts/events.md).

## States of runs

The resource is the run (\`id\`, \`name\`, \`state\`), with flow, deployment, pool, queue, tags and parent related. A flow may end with a name of its own.

| state | events |
|---|---|
${states.join('\n')}

## States of task runs

The resource is the task run (\`id\` is \`<run>/<epoch>.<number>\`; \`name\`, \`task\`, \`state\`), with its run and all that belongs to that related. A task may
end with a name of its own; those of a flow that was called inside a flow are told as well. They come with the batch in which the agent reports them.

${TASK_RUN_STATES.map((name) => `\`task-run.${name}\``).join(', ')}.

## Others

| event | about | when |
|---|---|---|
${OTHERS.map(([name, about, when]) => row([`\`${name}\``, about, when])).join('\n')}

## Commands

Each command that somebody gave, once it was done; the resource is what it was done to, and who did it is related as \`actor\`.

| about | events |
|---|---|
${[...byNoun].map(([noun, all]) => row([noun, all.map((action) => `\`command.${action}\``).join(', ')])).join('\n')}
`;
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) process.stdout.write(eventsPage());
