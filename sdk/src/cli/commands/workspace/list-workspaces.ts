import type { Context } from '../../context.ts';
import { relative } from '../../output/time.ts';

export async function listWorkspaces(context: Context): Promise<void> {
  const client = await context.client();
  const [workspaces, me] = await Promise.all([client.workspaces.list.query(), client.me.get.query()]);
  if (context.json) return context.printJson(workspaces);
  context.printTable(
    workspaces,
    [
      { header: '', value: (each) => (each.id === me.workspace?.id ? '*' : '') },
      { header: 'SLUG', value: (each) => each.slug },
      { header: 'NAME', value: (each) => each.name, min: 10 },
      { header: 'ORGANIZATION', value: (each) => each.organization.name, min: 10, drop: 2 },
      { header: 'ROLE', value: (each) => each.role },
      { header: 'CREATED', value: (each) => relative(each.createdAt, context.host.now()), drop: 1 },
    ],
    'You belong to no workspace yet.',
  );
}
