/** People, teams, service accounts and roles by the names that people know. */
import type { Role, ServiceAccount, Team } from '@signalbox/proto/api';
import { SignalboxError } from '../../../client/index.ts';
import { CliError } from '../../cli-error.ts';
import type { Context } from '../../context.ts';
import { EXIT } from '../../exit-code.ts';

type Person = { readonly id: `usr_${string}`; readonly email: string };

/** By id or email; of the workspace, and of the organization where the key may look there. @throws CliError when there is nobody. */
export async function findPerson(context: Context, ref: string): Promise<Person> {
  const client = await context.client();
  const fits = ({ id, email }: Person) => id === ref || email.toLowerCase() === ref.toLowerCase();
  const found = (await client.members.list.query()).find(fits) ?? (await peopleOf(context)).find(fits);
  if (found) return found;
  throw nobody('person', ref, 'list people with `signalbox members ls --organization`');
}

/** Without a scope of the organization, nobody is seen there: the workspace's own members are all there is. */
async function peopleOf(context: Context): Promise<Person[]> {
  try {
    return await (await context.client()).organizations.members.query();
  } catch (error) {
    if (error instanceof SignalboxError && error.code === 'FORBIDDEN') return [];
    throw error;
  }
}

export async function findTeam(context: Context, ref: string): Promise<Team> {
  const teams = await (await context.client()).teams.list.query();
  return teams.find(({ id, slug }) => id === ref || slug === ref) ?? fail('team', ref, 'list them with `signalbox teams ls`');
}

export async function findServiceAccount(context: Context, ref: string): Promise<ServiceAccount> {
  const accounts = await (await context.client()).serviceAccounts.list.query();
  const found = accounts.find(({ id, slug }) => id === ref || slug === ref);
  return found ?? fail('service account', ref, 'list them with `signalbox service-accounts ls`');
}

export async function findRole(context: Context, ref: string): Promise<Role> {
  const roles = await (await context.client()).roles.list.query();
  return roles.find(({ id, slug }) => id === ref || slug === ref) ?? fail('role', ref, 'list them with `signalbox roles ls`');
}

/** One that was made here. @throws CliError for a built-in one, which never changes. */
export async function findOwnRole(context: Context, ref: string): Promise<Role & { readonly id: NonNullable<Role['id']> }> {
  const role = await findRole(context, ref);
  if (role.id === null) throw new CliError(`"${role.slug}" is built in and never changes`, { exitCode: EXIT.conflict });
  return { ...role, id: role.id };
}

function fail(what: string, ref: string, hint: string): never {
  throw nobody(what, ref, hint);
}

function nobody(what: string, ref: string, hint: string): CliError {
  return new CliError(`there is no ${what} "${ref}"`, { exitCode: EXIT.notFound, hint });
}
