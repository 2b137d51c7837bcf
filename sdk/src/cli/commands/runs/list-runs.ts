import type { RunSummary } from '@signalbox/proto/api';
import { formatMs } from '../../../duration.ts';
import type { Context, GlobalOptions } from '../../context.ts';
import { oneOf } from '../../option-values.ts';
import { stateLabel } from '../../output/run-state.ts';
import { instant, relative } from '../../output/time.ts';
import { type FilterOptions, filterOf } from './filter-options.ts';

interface ListOptions extends GlobalOptions, FilterOptions {
  sort?: string;
  search?: string;
  limit?: number;
  cursor?: string;
}

export async function listRuns(context: Context, options: ListOptions): Promise<void> {
  const { RUN_SORTS } = await import('@signalbox/proto/api');
  const page = await (await context.client()).runs.list.query({
    filter: await filterOf(options, context.host.now()),
    sort: options.sort === undefined ? undefined : oneOf('sort', options.sort, RUN_SORTS),
    search: options.search,
    cursor: options.cursor,
    limit: options.limit ?? 20,
  });
  if (context.json) return context.printJson(page);
  const now = context.host.now();
  const { style } = context;
  context.printTable(
    page.items,
    [
      { header: 'STATE', value: (run) => `${stateLabel(run.state, style)}${run.late ? style.yellow(' late') : ''}` },
      { header: 'NAME', value: (run) => run.name, min: 12 },
      { header: 'DEPLOYMENT', value: (run) => `${run.flow.name}/${run.deployment.name}`, min: 12, drop: 3 },
      { header: 'CREATED', value: (run) => relative(run.createdAt, now), drop: 2 },
      { header: 'TOOK', value: (run) => tookOf(run, now), align: 'right', drop: 5 },
      { header: 'ID', value: (run) => style.dim(run.id), drop: 4 },
    ],
    'No runs. Start one with `signalbox run DEPLOYMENT`.',
  );
  if (page.lookedBackTo)
    context.note(style.yellow(`Looked back to ${instant(page.lookedBackTo, now)}, not to the beginning. Narrow the filter, or go on.`));
  if (page.nextCursor !== null) context.note(style.dim(`There are more: add --limit, or --cursor ${page.nextCursor}`));
}

/** Of one that runs, how long it has been at it. */
function tookOf({ startedAt, endedAt, durationMs }: RunSummary, now: number): string {
  if (durationMs !== null) return formatMs(durationMs);
  return startedAt === null || endedAt !== null ? '-' : formatMs(Math.max(0, now - Date.parse(startedAt)));
}
