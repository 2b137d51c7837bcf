/**
 * `node control-plane/src/events-page.ts > docs/reference/events.md`: every event that Signalbox itself makes, from the states of
 * runs, the commands of the router, and the names that `appendEvents` takes. A test fails when the page is out of date.
 */
import { pathToFileURL } from 'node:url';
import { STATE_NAMES } from '@signalbox/proto';
import { OWN_EVENTS } from './features/events/index.ts';
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
end with a name of its own; those of a flow that was called inside a flow are told as well. They come with the batch in which the agent reports them; what
ran when its run ended without telling ends with it, Crashed or Cancelled.

${TASK_RUN_STATES.map((name) => `\`task-run.${name}\``).join(', ')}.

## Others

| event | about | when |
|---|---|---|
${Object.entries(OWN_EVENTS)
  .map(([name, [about, when]]) => row([`\`${name}\``, about, when]))
  .join('\n')}

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
