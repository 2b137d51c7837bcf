import type { Command } from 'commander';
import { examples } from '../../examples.ts';
import type { Bind } from '../../verb.ts';

export function defineProfile(program: Command, bind: Bind): void {
  const profile = program.command('profile').description('Choose between the control planes you signed in to');
  const ls = profile
    .command('ls')
    .description('List profiles')
    .action(bind(async () => (await import('./list-profiles.ts')).listProfiles));
  examples(ls, 'signalbox profile ls');
  const use = profile
    .command('use')
    .description('Make a profile the current one')
    .argument('<name>', 'name of the profile')
    .action(bind(async () => (await import('./use-profile.ts')).useProfile));
  examples(use, 'signalbox profile use work');
}
