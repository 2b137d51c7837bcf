import type { Context } from '../../context.ts';
import { kindOf, limitStatus, takenOf } from './limit-text.ts';

export async function listLimits(context: Context): Promise<void> {
  const page = await (await context.client()).limits.list.query({ limit: 200 });
  if (context.json) return context.printJson(page);
  context.printTable(
    page.items,
    [
      { header: 'LIMIT', value: (limit) => limit.name, min: 10 },
      { header: 'STATUS', value: (limit) => limitStatus(limit, context.style) },
      { header: 'TAKEN', value: takenOf, align: 'right' },
      { header: 'WAITING', value: (limit) => String(limit.waiting), align: 'right', drop: 1 },
      { header: 'KIND', value: kindOf, drop: 2 },
      { header: 'DESCRIPTION', value: (limit) => limit.description, min: 12, drop: 3 },
    ],
    'No limits. Create one with `signalbox limits create NAME --slots N`.',
  );
}
