import type { Command } from 'commander';
import { examples } from '../../examples.ts';
import { wholeNumber } from '../../option-values.ts';
import type { Bind } from '../../verb.ts';

export function defineAudit(program: Command, bind: Bind): void {
  const audit = program.command('audit').description('Read the audit of the workspace, and check that nobody changed it');
  const ls = audit
    .command('ls')
    .description('List entries, newest first')
    .option('--action <action>', 'a noun or a noun and a verb: run, run.cancel')
    .option('--actor <name>', 'part of the name of who did it')
    .option('--refused', 'only what was refused')
    .option('--limit <count>', 'at most this many, 1 to 200 (default: 50)', wholeNumber)
    .action(bind(async () => (await import('./list-audit.ts')).listAudit));
  examples(ls, 'signalbox audit ls --action run --limit 20');
  const verify = audit
    .command('verify')
    .description('Compare every sealed entry with the chain; exits with 5 when something was changed, added or taken away')
    .action(bind(async () => (await import('./verify-audit.ts')).verifyAudit));
  examples(verify, 'signalbox audit verify');
}
