import type { Command } from 'commander';
import { examples } from '../../examples.ts';
import type { Bind } from '../../verb.ts';

const TEAM = 'slug or id of the team';
const MEMBER = 'email of a person, or slug of a service account';

export function defineTeams(program: Command, bind: Bind): void {
  const teams = program.command('teams').description('List, make and fill teams of the organization');
  const ls = teams
    .command('ls')
    .description('List teams and who is in them')
    .action(bind(async () => (await import('./teams.ts')).listTeams));
  examples(ls, 'signalbox teams ls');
  const create = teams
    .command('create')
    .description('Make a team')
    .argument('<slug>', 'lower-case letters, digits and hyphens')
    .option('--name <name>', 'name for people (default: the slug)')
    .action(bind(async () => (await import('./teams.ts')).createTeam));
  examples(create, 'signalbox teams create data-platform --name "Data platform"');
  const rename = teams
    .command('rename')
    .description('Change the name of a team; its slug stays')
    .argument('<team>', TEAM)
    .argument('<name>', 'the new name')
    .action(bind(async () => (await import('./teams.ts')).renameTeam));
  examples(rename, 'signalbox teams rename data-platform "Data and ML"');
  const add = teams
    .command('add')
    .description('Put somebody in a team: they have what it is granted')
    .argument('<team>', TEAM)
    .argument('<member>', MEMBER)
    .action(bind(async () => (await import('./teams.ts')).addToTeam));
  examples(add, 'signalbox teams add data-platform ada@example.com', 'signalbox teams add data-platform ci');
  const remove = teams
    .command('remove')
    .description('Take somebody out of a team')
    .argument('<team>', TEAM)
    .argument('<member>', MEMBER)
    .action(bind(async () => (await import('./teams.ts')).removeFromTeam));
  examples(remove, 'signalbox teams remove data-platform ada@example.com');
  const del = teams
    .command('delete')
    .description('Delete a team with its grants')
    .argument('<team>', TEAM)
    .option('-y, --yes', 'do not ask')
    .action(bind(async () => (await import('./teams.ts')).deleteTeam));
  examples(del, 'signalbox teams delete data-platform --yes');
}
