import type { FailureGroup, FailureStatus } from '@signalbox/proto/api';
import type { Context, GlobalOptions } from '../../context.ts';
import { localTime, relative } from '../../output/time.ts';

type ListOptions = GlobalOptions & { all?: boolean; deployment?: string; run?: string; text?: string; cursor?: string };
const ALL: FailureStatus[] = ['open', 'acknowledged', 'muted', 'resolved'];

export async function listFailures(context: Context, { all, deployment, run, text, cursor }: ListOptions): Promise<void> {
  const page = await (await context.client()).failures.list.query({
    limit: 100,
    ...(all || run !== undefined ? { statuses: ALL } : {}),
    ...(deployment === undefined ? {} : { deployment: deployment as `dep_${string}` }),
    ...(run === undefined ? {} : { run: run as `run_${string}` }),
    ...(text === undefined ? {} : { text }),
    ...(cursor === undefined ? {} : { cursor }),
  });
  if (context.json) return context.printJson(page);
  context.printTable(
    page.items,
    [
      { header: 'GROUP', value: ({ id }) => id, min: 31 },
      { header: 'STATUS', value: ({ status }) => (status === 'open' ? context.style.red(status) : status) },
      { header: 'COUNT', value: ({ occurrences }) => String(occurrences), align: 'right' },
      { header: 'LAST', value: ({ lastAt }) => relative(lastAt, context.host.now()) },
      { header: 'FAILURE', value: ({ title }) => title, min: 20 },
      { header: 'WHERE', value: whereOf, drop: 1 },
    ],
    'No failures.',
  );
  // Of a search, also where nothing is shown: it goes on further back.
  if (page.nextCursor !== null) context.note(context.style.dim(`There may be more: add --cursor "${page.nextCursor}"`));
}

export async function showFailure(context: Context, _options: GlobalOptions, id: string): Promise<void> {
  const group = await (await context.client()).failures.get.query({ group: id as FailureGroup['id'] });
  if (context.json) return context.printJson(group);
  context.print(context.style.bold(group.title));
  context.print(
    `${group.status}, ${group.occurrences} times, first ${localTime(group.firstAt)}, last ${localTime(group.lastAt)}${group.owner ? `, looked after by ${group.owner}` : ''}`,
  );
  for (const frame of group.frames) context.print(`  at ${frame}`);
  for (const { name, id: deployment, occurrences, versions } of group.deployments)
    context.print(`${name ?? deployment}: ${occurrences} times, versions ${versions.first} to ${versions.last}`);
  for (const run of group.runs) context.print(`${localTime(run.at)}  ${run.name}  ${context.style.dim(run.id)}`);
}

function whereOf({ deployments }: FailureGroup): string {
  const [first] = deployments;
  return first ? `${first.name ?? first.id}${deployments.length > 1 ? ` and ${deployments.length - 1} more` : ''}` : '';
}
