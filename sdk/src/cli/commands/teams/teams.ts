import type { Team } from '@signalbox/proto/api';
import { confirm } from '../../confirm.ts';
import type { Context, GlobalOptions } from '../../context.ts';
import { findPerson, findServiceAccount, findTeam } from '../access/find-subject.ts';

export async function listTeams(context: Context): Promise<void> {
  const teams = await (await context.client()).teams.list.query();
  if (context.json) return context.printJson(teams);
  context.printTable(
    teams,
    [
      { header: 'SLUG', value: (team) => team.slug },
      { header: 'NAME', value: (team) => team.name, min: 8 },
      { header: 'FILLED BY', value: (team) => (team.fromDirectory ? 'the directory' : 'hand'), drop: 2 },
      { header: 'MEMBERS', value: (team) => team.members.map(({ name }) => name).join(', '), min: 12, drop: 1 },
    ],
    'No teams. Make one with `signalbox teams create SLUG`.',
  );
}

export async function createTeam(context: Context, options: GlobalOptions & { name?: string }, slug: string): Promise<void> {
  const team = await (await context.client()).teams.create.mutate({ slug, name: options.name ?? slug });
  if (context.json) return context.printJson(team);
  context.print(`Made team ${team.slug} (${team.id}).`);
}

export async function renameTeam(context: Context, _options: GlobalOptions, ref: string, name: string): Promise<void> {
  const { id } = await findTeam(context, ref);
  const team = await (await context.client()).teams.rename.mutate({ team: id, name });
  if (context.json) return context.printJson(team);
  context.print(`Team ${team.slug} is called ${team.name} now.`);
}

export async function addToTeam(context: Context, _options: GlobalOptions, ref: string, member: string): Promise<void> {
  const { id } = await findTeam(context, ref);
  const team = await (await context.client()).teams.addMember.mutate({ team: id, member: await findMember(context, member) });
  if (context.json) return context.printJson(team);
  context.print(`Put ${member} in team ${team.slug}.`);
}

export async function removeFromTeam(context: Context, _options: GlobalOptions, ref: string, member: string): Promise<void> {
  const { id } = await findTeam(context, ref);
  const team = await (await context.client()).teams.removeMember.mutate({ team: id, member: await findMember(context, member) });
  if (context.json) return context.printJson(team);
  context.print(`Took ${member} out of team ${team.slug}.`);
}

export async function deleteTeam(context: Context, options: GlobalOptions & { yes?: boolean }, ref: string): Promise<void> {
  const team: Team = await findTeam(context, ref);
  await confirm(context, `Delete team ${team.slug} with its grants?`, options);
  const reply = await (await context.client()).teams.delete.mutate({ team: team.id });
  if (context.json) return context.printJson(reply);
  context.print(`Deleted team ${team.slug}.`);
}

async function findMember(context: Context, ref: string) {
  return ref.includes('@') || ref.startsWith('usr_')
    ? { kind: 'person' as const, id: (await findPerson(context, ref)).id }
    : { kind: 'service-account' as const, id: (await findServiceAccount(context, ref)).id };
}
