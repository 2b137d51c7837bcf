import type { Command } from 'commander';
import { examples } from '../../examples.ts';
import type { Bind } from '../../verb.ts';

/** Here for help and completion; `signalbox agent ...` goes to the agent's own command line before this is asked. */
export function defineAgent(program: Command, bind: Bind): void {
  const act = bind(async () => (await import('./run-agent.ts')).misplacedOptions);
  const agent = program
    .command('agent')
    .description('Run an agent on this machine')
    .allowUnknownOption()
    .allowExcessArguments()
    .action(act);
  for (const [name, description] of [
    ['start', 'Enrol if needed, and serve a pool'],
    ['doctor', 'Check every hop between this machine and the control plane'],
    ['status', 'Show what the agent of this machine does now'],
  ] as const) {
    agent.command(name).description(description).allowUnknownOption().allowExcessArguments().action(act);
  }
  examples(agent, 'signalbox agent start --url http://localhost:4200 --join-code CODE --name build-01', 'signalbox agent doctor');
}
