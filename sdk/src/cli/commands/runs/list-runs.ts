import type { RunStateType } from '@signalbox/proto';
import { formatMs } from '../../../duration.ts';
import type { Context, GlobalOptions } from '../../context.ts';
import { oneOf } from '../../option-values.ts';
import { stateLabel } from '../../output/run-state.ts';
import { relative } from '../../output/time.ts';

interface ListOptions extends GlobalOptions {
  state?: string[];
  flow?: string;
  deployment?: string;
  tag?: string[];
  search?: string;
  limit?: number;
  cursor?: string;
}

export async function listRuns(context: Context, options: ListOptions): Promise<void> {
  const page = await (await context.client()).runs.list.query({
    states: options.state && (await parseStates(options.state)),
    flow: options.flow,
    deployment: options.deployment,
    tags: options.tag,
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
      { header: 'TOOK', value: (run) => (run.durationMs === null ? '-' : formatMs(run.durationMs)), align: 'right', drop: 5 },
      { header: 'ID', value: (run) => style.dim(run.id), drop: 4 },
    ],
    'No runs. Start one with `signalbox run DEPLOYMENT`.',
  );
  if (page.nextCursor !== null) context.note(style.dim(`There are more: add --limit, or --cursor ${page.nextCursor}`));
}

async function parseStates(states: readonly string[]): Promise<RunStateType[]> {
  const { RUN_STATES } = await import('@signalbox/proto');
  return states.map((state) => oneOf('state', state, RUN_STATES));
}
