import type { Command } from 'commander';
import { examples } from '../../examples.ts';
import { wholeNumber } from '../../option-values.ts';
import type { Bind } from '../../verb.ts';

const REF = 'id or name of the agent';

export function defineAgents(program: Command, bind: Bind): void {
  const agents = program.command('agents').description('List, show, enrol, drain, quarantine and revoke agents');
  const ls = agents
    .command('ls')
    .description('List agents')
    .option('--pool <pool>', 'only agents of this pool')
    .action(bind(async () => (await import('./list-agents.ts')).listAgents));
  examples(ls, 'signalbox agents ls --pool local');
  const show = agents
    .command('show')
    .description('Show one agent')
    .argument('<agent>', REF)
    .action(bind(async () => (await import('./show-agent.ts')).showAgent));
  examples(show, 'signalbox agents show build-01');
  const join = agents
    .command('join-code')
    .description('Make a join code, with which one agent can enrol, once')
    .argument('<pool>', 'pool that the agent will serve')
    .option('--expires-in <minutes>', 'minutes in which it may be used (default: 60)', wholeNumber)
    .action(bind(async () => (await import('./create-join-code.ts')).createJoinCode));
  examples(join, 'signalbox agents join-code local');
  const drain = agents
    .command('drain')
    .description('Let an agent finish its runs and take no new ones')
    .argument('<agent>', REF)
    .action(bind(async () => (await import('./drain-agent.ts')).drainAgent));
  examples(drain, 'signalbox agents drain build-01');
  const quarantine = agents
    .command('quarantine')
    .description('Give an agent nothing new, however often it starts, until it is released')
    .argument('<agent>', REF)
    .action(bind(async () => (await import('./quarantine-agent.ts')).quarantineAgent));
  examples(quarantine, 'signalbox agents quarantine build-01');
  const release = agents
    .command('release')
    .description('End the quarantine of an agent')
    .argument('<agent>', REF)
    .action(bind(async () => (await import('./quarantine-agent.ts')).releaseAgent));
  examples(release, 'signalbox agents release build-01');
  const revoke = agents
    .command('revoke')
    .description("Refuse an agent's credential from now on")
    .argument('<agent>', REF)
    .option('-y, --yes', 'do not ask')
    .action(bind(async () => (await import('./revoke-agent.ts')).revokeAgent));
  examples(revoke, 'signalbox agents revoke build-01 --yes');
}
