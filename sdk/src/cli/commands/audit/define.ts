import type { Command } from 'commander';
import { examples } from '../../examples.ts';
import { wholeNumber } from '../../option-values.ts';
import type { Bind } from '../../verb.ts';

export function defineAudit(program: Command, bind: Bind): void {
  const audit = program.command('audit').description('Read and export the audit, and check that nobody changed it');
  const ls = audit
    .command('ls')
    .description('List entries, newest first')
    .option('--action <action>', 'a noun or a noun and a verb: run, run.cancel')
    .option('--actor <name>', 'part of the name of who did it')
    .option('--refused', 'only what was refused')
    .option('--limit <count>', 'at most this many, 1 to 200 (default: 50)', wholeNumber)
    .action(bind(async () => (await import('./list-audit.ts')).listAudit));
  examples(ls, 'signalbox audit ls --action run --limit 20');
  const download = audit
    .command('export')
    .description('Download the audit as JSON lines, newest first')
    .option('-o, --output <file>', 'write it there, whole or not at all (default: standard output)')
    .option('--organization <slug>', 'all of the organization, its sign-ins and security too')
    .option('--action <action>', 'a noun or a noun and a verb: run, run.cancel')
    .option('--actor <name>', 'part of the name of who did it')
    .option('--refused', 'only what was refused')
    .option('--from <instant>', 'from this instant on, such as 2026-01-01T00:00:00Z')
    .option('--to <instant>', 'before this instant')
    .action(bind(async () => (await import('./export-audit.ts')).exportAudit));
  examples(download, 'signalbox audit export --output audit.jsonl', 'signalbox audit export --organization acme --refused > refused.jsonl');
  const verify = audit
    .command('verify')
    .description('Compare every sealed entry with the chain; exits with 5 when something was changed, added or taken away')
    .option('--organization', 'of all of the organization')
    .option('--noted <link:hash>', 'what it printed as the newest link an earlier time: also tells whether the end was cut off since')
    .action(bind(async () => (await import('./verify-audit.ts')).verifyAudit));
  examples(verify, 'signalbox audit verify');
}
