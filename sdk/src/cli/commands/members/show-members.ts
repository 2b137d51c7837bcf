import type { Context, GlobalOptions } from '../../context.ts';
import { relative } from '../../output/time.ts';

export async function listMembers(context: Context, options: GlobalOptions & { organization?: boolean }): Promise<void> {
  const client = await context.client();
  const people = options.organization ? await client.organizations.members.query() : await client.members.list.query();
  if (context.json) return context.printJson(people);
  context.printTable<(typeof people)[number]>(
    people,
    [
      { header: 'EMAIL', value: (person) => person.email, min: 12 },
      { header: 'NAME', value: (person) => person.name, min: 8, drop: 1 },
      { header: 'ROLE', value: (person) => person.role },
      { header: 'SINCE', value: (person) => relative(person.since, context.host.now()), drop: 2 },
      { header: 'ID', value: (person) => person.id, drop: 3 },
    ],
    'Nobody by name. Admins of the organization and teams with a grant are here all the same.',
  );
}
