import type { Command } from 'commander';

/** Adds examples to the end of a command's help. */
export function examples(command: Command, ...lines: string[]): Command {
  const title = lines.length === 1 ? 'Example:' : 'Examples:';
  return command.addHelpText('after', `\n${title}\n${lines.map((line) => `  $ ${line}`).join('\n')}`);
}
