import type { Context, GlobalOptions } from '../../context.ts';
import { relative } from '../../output/time.ts';

export async function listDeployments(
  context: Context,
  options: GlobalOptions & { search?: string; limit?: number; cursor?: string },
): Promise<void> {
  const { search, limit, cursor } = options;
  const page = await (await context.client()).deployments.list.query({ search, limit, cursor });
  if (context.json) return context.printJson(page);
  const { style } = context;
  const now = context.host.now();
  context.printTable(
    page.items,
    [
      { header: 'DEPLOYMENT', value: (each) => `${each.flow.name}/${each.name}`, min: 16 },
      { header: 'STATUS', value: (each) => (each.paused ? style.yellow('paused') : style.green('active')) },
      { header: 'POOL', value: (each) => each.pool?.name ?? style.red('deleted'), drop: 3 },
      { header: 'NEXT RUN', value: (each) => nextFire(each.schedules, now), drop: 1 },
      { header: 'TAGS', value: (each) => each.tags.join(', '), min: 8, drop: 4 },
      { header: 'UPDATED', value: (each) => relative(each.updatedAt, now), drop: 2 },
    ],
    'Nothing is deployed yet. Deploy with `signalbox deploy FILE`.',
  );
  if (page.nextCursor !== null) context.note(style.dim(`There are more: add --limit, or --cursor ${page.nextCursor}`));
}

function nextFire(schedules: readonly { active: boolean; nextFireAt: string | null }[], now: number): string {
  const instants = schedules
    .filter((schedule) => schedule.active && schedule.nextFireAt !== null)
    .map((schedule) => schedule.nextFireAt ?? '');
  return relative(instants.sort()[0] ?? null, now);
}
