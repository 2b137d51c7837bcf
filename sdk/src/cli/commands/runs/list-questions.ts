import type { Context, GlobalOptions } from '../../context.ts';
import { relative } from '../../output/time.ts';

export async function listQuestions(context: Context, { mine = false }: GlobalOptions & { mine?: boolean }): Promise<void> {
  const page = await (await context.client()).runs.questions.query({ limit: 200 });
  const items = mine ? page.items.filter(({ mayAnswer }) => mayAnswer) : page.items;
  if (context.json) return context.printJson({ ...page, items });
  const nowMs = Date.now();
  context.printTable(
    items,
    [
      { header: 'RUN', value: ({ run }) => run.name, min: 10 },
      { header: 'QUESTION', value: ({ message, key }) => message ?? key, min: 16 },
      {
        header: 'WHO',
        value: ({ approvers }) => (approvers ? [...approvers.people, ...approvers.teams].join(', ') : 'anybody'),
        min: 8,
        drop: 1,
      },
      { header: 'ASKED', value: ({ askedAt }) => relative(askedAt, nowMs), drop: 2 },
      { header: 'ENDS', value: ({ expiresAt }) => relative(expiresAt, nowMs) },
    ],
    mine ? 'No run asks you anything.' : 'No run asks anything.',
  );
  if (items[0]) context.note(context.style.dim(`Answer one: signalbox runs resume ${items[0].run.name}`));
}
