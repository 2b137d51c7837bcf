import type { Command } from 'commander';
import { examples } from '../../examples.ts';
import type { Bind } from '../../verb.ts';

export function defineGrants(program: Command, bind: Bind): void {
  const grants = program.command('grants').description('Give roles to people, teams and service accounts, and take them back');
  const ls = grants
    .command('ls')
    .description('List grants in the workspace')
    .option('--organization', 'those that count in every workspace')
    .action(bind(async () => (await import('./grants.ts')).listGrants));
  examples(ls, 'signalbox grants ls', 'signalbox grants ls --organization');
  const create = grants
    .command('create')
    .description('Grant a role in the workspace, on one thing of it, or in every workspace')
    .argument('<role>', 'a built-in role, or slug or id of one made here')
    .option('--person <email>', 'to this person')
    .option('--team <slug>', 'to everybody in this team')
    .option('--service-account <slug>', 'to this service account')
    .option('--deployment <flow/name>', 'on this deployment, its schedules and runs')
    .option('--pool <name>', 'on this work pool, its queues and agents')
    .option('--block <type/name>', 'on this block')
    .option('--organization', 'in every workspace of the organization')
    .action(bind(async () => (await import('./grants.ts')).createGrant));
  examples(
    create,
    'signalbox grants create operator --team data-platform',
    'signalbox grants create runner --person ada@example.com --deployment weather/daily',
    'signalbox grants create developer --team payments --block postgres/orders',
  );
  const revoke = grants
    .command('revoke')
    .description('Take a grant back')
    .argument('<grant>', 'id of the grant')
    .option('--organization', 'it is one of the organization')
    .option('-y, --yes', 'do not ask')
    .action(bind(async () => (await import('./grants.ts')).revokeGrant));
  examples(revoke, 'signalbox grants revoke grant_01h455vb4pex5vsknk084sn02q --yes');
}
