import type { Command } from 'commander';
import { Argument } from 'commander';
import { examples } from '../examples.ts';
import type { Bind } from '../verb.ts';

export function defineCompletion(program: Command, bind: Bind): void {
  const completion = program
    .command('completion')
    .description('Print the completion script of a shell')
    .addArgument(new Argument('<shell>', 'your shell').choices(['bash', 'zsh', 'fish']))
    .action(bind(async () => (await import('./print-script.ts')).printScript));
  examples(completion, 'source <(signalbox completion bash)', 'signalbox completion fish > ~/.config/fish/completions/signalbox.fish');
}
