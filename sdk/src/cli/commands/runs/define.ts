import type { Command } from 'commander';
import { examples } from '../../examples.ts';
import { collect, wholeNumber } from '../../option-values.ts';
import type { Bind } from '../../verb.ts';
import { addFilterOptions, FILTER_HELP } from './filter-options.ts';

const REF = 'id or name of the run';

export function defineRuns(program: Command, bind: Bind): void {
  const runs = program.command('runs').description('List, show, explain, follow, pause, resume, cancel, retry and delete runs');

  const ls = addFilterOptions(runs.command('ls').description('List runs, newest first'))
    .option('--search <text>', "part of the run's name, or its id")
    .option('--sort <order>', 'newest, oldest, due, longest or name')
    .option('--limit <n>', 'most runs to list (default: 20)', wholeNumber)
    .option('--cursor <cursor>', 'go on after this page (nextCursor of --json)')
    .action(bind(async () => (await import('./list-runs.ts')).listRuns));
  examples(
    ls,
    'signalbox runs ls --state failed --state crashed --since 24h',
    "signalbox runs ls --filter 'state:failed tag:etl flow:weather* duration:>5m'",
    'signalbox runs ls --deployment weather/daily --json',
  );

  ls.addHelpText('after', FILTER_HELP);

  const count = addFilterOptions(runs.command('count').description('Count runs, up to 10,000')).action(
    bind(async () => (await import('./count-runs.ts')).countRuns),
  );
  examples(count, "signalbox runs count --filter 'state:failed since:7d'");

  const show = runs
    .command('show')
    .description('Show one run: state, tasks, parameters, result')
    .argument('<run>', REF)
    .action(bind(async () => (await import('./show-run.ts')).showRun));
  examples(show, 'signalbox runs show brave-otter');

  const explain = runs
    .command('explain')
    .description('Say why a run does not run: what is in its way, since when, and what frees it')
    .argument('<run>', REF)
    .action(bind(async () => (await import('./explain-run.ts')).explainRun));
  examples(explain, 'signalbox runs explain brave-otter');

  const logs = runs
    .command('logs')
    .description('Print the log of a run')
    .argument('<run>', REF)
    .option('-f, --follow', 'go on until the run ends')
    .option('--level <level>', 'debug, info, warn or error: that one and worse')
    .option('--limit <n>', 'only the last lines, that many', wholeNumber)
    .action(bind(async () => (await import('./show-logs.ts')).showLogs));
  examples(logs, 'signalbox runs logs brave-otter --follow', 'signalbox runs logs brave-otter --level warn --limit 50');

  const watch = runs
    .command('watch')
    .description('Follow a run to its end')
    .argument('<run>', REF)
    .action(bind(async () => (await import('./follow-run.ts')).followRunVerb));
  examples(watch, 'signalbox runs watch brave-otter');

  const cancel = runs
    .command('cancel')
    .description('Ask that a run be cancelled')
    .argument('<run>', REF)
    .action(bind(async () => (await import('./cancel-run.ts')).cancelRun));
  examples(cancel, 'signalbox runs cancel brave-otter');

  const pause = runs
    .command('pause')
    .description('Have a run wait before its next task; its process and slots stay')
    .argument('<run>', REF)
    .option('-m, --message <text>', 'why, for whoever finds it waiting')
    .option('--timeout <duration>', 'longest wait, then it fails (default: 1h)')
    .action(bind(async () => (await import('./hold-run.ts')).pauseRun));
  examples(pause, 'signalbox runs pause brave-otter --message "the database is being moved"');

  const suspend = runs
    .command('suspend')
    .description('Have the process of a run leave; resumed, finished tasks are not run again')
    .argument('<run>', REF)
    .option('-m, --message <text>', 'why, for whoever finds it waiting')
    .option('--timeout <duration>', 'longest wait, then it fails (default: as long as the workspace keeps history)')
    .action(bind(async () => (await import('./hold-run.ts')).suspendRun));
  examples(suspend, 'signalbox runs suspend brave-otter --timeout 2d');

  const resume = runs
    .command('resume')
    .description('Answer a paused or suspended run, and let it go on')
    .argument('<run>', REF)
    .option('-p, --param <key=value>', 'one field of what it asks for; may be repeated', collect)
    .option('--params-json <json>', 'all fields as one JSON object')
    .option('-w, --watch', 'follow it to its end')
    .action(bind(async () => (await import('./resume-run.ts')).resumeRun));
  examples(resume, 'signalbox runs resume brave-otter', 'signalbox runs resume brave-otter --param approved=true --watch');

  const setState = runs
    .command('set-state')
    .description('Say how a run ended, when the system cannot know; refused while an agent holds it')
    .argument('<run>', REF)
    .argument('<state>', 'completed, failed, crashed or cancelled')
    .requiredOption('--reason <text>', 'why; kept in its history and in the audit')
    .option('--name <name>', 'name of the state, such as MendedByHand')
    .option('-y, --yes', 'do not ask')
    .action(bind(async () => (await import('./set-run-state.ts')).setRunState));
  examples(setState, 'signalbox runs set-state brave-otter completed --reason "loaded by hand" --yes');

  const retry = runs
    .command('retry')
    .description('Run an ended run once more, as a new attempt')
    .argument('<run>', REF)
    .option('--from-failed', 'keep what finished: its tasks with stored results, children that completed (default)')
    .option('--from-start', 'use nothing of earlier attempts')
    .option('-w, --watch', 'follow it to its end')
    .action(bind(async () => (await import('./retry-run.ts')).retryRun));
  examples(retry, 'signalbox runs retry brave-otter --watch', 'signalbox runs retry brave-otter --from-start');

  const remove = runs
    .command('delete')
    .description('Delete an ended run with its logs and artifacts')
    .argument('<run>', REF)
    .option('-y, --yes', 'do not ask')
    .action(bind(async () => (await import('./delete-run.ts')).deleteRun));
  examples(remove, 'signalbox runs delete brave-otter --yes');
}
