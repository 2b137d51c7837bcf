import type { Command } from 'commander';
import { examples } from '../../examples.ts';
import { collect } from '../../option-values.ts';
import type { Bind } from '../../verb.ts';

export function defineRun(program: Command, bind: Bind): void {
  const run = program
    .command('run')
    .description('Start a run of a deployment')
    .argument('<deployment>', 'flow/name, or an id')
    .option('-p, --param <key=value>', "one parameter: JSON, or text as the flow's schema says; may be repeated", collect)
    .option('--params-json <json>', 'all parameters as a JSON object; - reads it from standard input')
    .option('--name <name>', 'name of the run (default: one is made up)')
    .option('--variable <name=value>', 'a variable of its job, such as env.LOG=debug; may be repeated', collect)
    .option('--tag <tag>', 'a tag; may be repeated', collect)
    .option('--at <when>', 'when: "in 5m", 2026-01-31T08:00:00Z (default: now)')
    .option('--queue <name>', "queue of the work pool (default: the deployment's)")
    .option('--idempotency-key <key>', 'the same key starts the run only once')
    .option('-w, --watch', 'follow it to its end; exit code 1 when it does not complete')
    .action(bind(async () => (await import('./start-run.ts')).startRun));
  examples(
    run,
    'signalbox run weather/daily --watch',
    "signalbox run weather/daily --param years='[2012, 2013]' --param threshold=25",
    'signalbox run weather/daily --at "in 10m" --tag backfill',
  );
}
