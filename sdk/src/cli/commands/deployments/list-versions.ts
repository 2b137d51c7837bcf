import type { Context, GlobalOptions } from '../../context.ts';
import { instant } from '../../output/time.ts';
import { harmless } from '../../output/width.ts';
import { printDeployed } from '../deploy/print-deployed.ts';
import { withSuggestion } from './suggest-deployment.ts';

export async function listVersions(
  context: Context,
  options: GlobalOptions & { limit?: number; cursor?: string },
  ref: string,
): Promise<void> {
  const client = await context.client();
  const input = { deployment: ref, limit: options.limit, cursor: options.cursor };
  const page = await withSuggestion(client, ref, () => client.deployments.versions.query(input));
  if (context.json) return context.printJson(page);
  const { style } = context;
  context.printTable(
    page.items,
    [
      { header: 'VERSION', value: ({ number }) => String(number), align: 'right' },
      { header: '', value: ({ current }) => (current ? style.green('current') : '') },
      { header: 'DEPLOYED', value: ({ deployedAt }) => instant(deployedAt, context.host.now()) ?? '-' },
      { header: 'BY', value: ({ deployedBy }) => harmless(deployedBy ?? '-') },
      { header: 'DIGEST', value: ({ digest }) => digest.slice(0, 19) },
      { header: 'CHANGES', value: ({ changes }) => harmless(changes.map((change) => change.split(':')[0]).join(', ')) },
    ],
    'No versions.',
  );
  if (page.nextCursor) context.note('', `More: --cursor ${page.nextCursor}`);
}

export async function rollBack(context: Context, _options: GlobalOptions, ref: string, version: number): Promise<void> {
  const client = await context.client();
  const reply = await withSuggestion(client, ref, () => client.deployments.rollback.mutate({ deployment: ref, version }));
  if (context.json) return context.printJson(reply);
  printDeployed(context, reply);
  context.print(`New runs use version ${reply.deployment.version}. Runs that wait keep the code they were made with.`);
}
