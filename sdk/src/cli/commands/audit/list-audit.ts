import type { Context, GlobalOptions } from '../../context.ts';
import { relative } from '../../output/time.ts';

interface ListOptions extends GlobalOptions {
  action?: string;
  actor?: string;
  refused?: boolean;
  limit?: number;
}

export async function listAudit(context: Context, options: ListOptions): Promise<void> {
  const { action, actor, refused, limit } = options;
  const outcome = refused ? 'refused' : undefined;
  const page = await (await context.client()).audit.list.query({ action, actor, outcome, limit });
  if (context.json) return context.printJson(page);
  const now = context.host.now();
  context.printTable(
    page.items,
    [
      { header: 'WHEN', value: (entry) => relative(entry.at, now) },
      { header: 'WHO', value: (entry) => entry.actor.name, min: 12 },
      { header: 'ACTION', value: (entry) => entry.action, min: 12 },
      { header: 'OUTCOME', value: (entry) => entry.outcome },
      { header: 'FROM', value: (entry) => entry.address ?? '', drop: 1 },
      { header: 'ID', value: (entry) => entry.id, drop: 2 },
    ],
    'No entry fits.',
  );
}
