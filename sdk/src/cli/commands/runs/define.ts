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

  const cancel = addBulkOptions(
    runs.command('cancel').description('Ask that a run be cancelled, or every run a filter fits').argument('[run]', REF),
  ).action(bind(async () => (await import('./cancel-run.ts')).cancelRun));
  examples(cancel, 'signalbox runs cancel brave-otter', "signalbox runs cancel --filter 'flow:weather* state:scheduled' --watch");

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

  const questions = runs
    .command('questions')
    .description('List what runs ask people now, and who may answer')
    .option('--mine', 'only those that I may answer')
    .action(bind(async () => (await import('./list-questions.ts')).listQuestions));
  examples(questions, 'signalbox runs questions', 'signalbox runs questions --mine');

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

  const retry = addBulkOptions(
    runs.command('retry').description('Run an ended run once more, as a new attempt, or every run a filter fits').argument('[run]', REF),
  )
    .option('--from-failed', 'keep what finished: its tasks with stored results, children that completed (default)')
    .option('--from-start', 'use nothing of earlier attempts')
    .action(bind(async () => (await import('./retry-run.ts')).retryRun));
  examples(
    retry,
    'signalbox runs retry brave-otter --watch',
    'signalbox runs retry brave-otter --from-start',
    "signalbox runs retry --filter 'state:failed since:24h' --yes",
  );

  const remove = addBulkOptions(
    runs
      .command('delete')
      .description('Delete an ended run with its logs and artifacts, or every run a filter fits')
      .argument('[run]', REF),
  ).action(bind(async () => (await import('./delete-run.ts')).deleteRun));
  examples(remove, 'signalbox runs delete brave-otter --yes', "signalbox runs delete --filter 'state:completed tag:test until:7d'");
  defineJobs(runs, bind);
}

/** What follows when many are meant. */
function addBulkOptions(command: Command): Command {
  return addFilterOptions(command, { short: true })
    .option('--all', 'with --filter left out: every run')
    .option('--reason <text>', "why, for the audit and each run's history (many)")
    .option('-y, --yes', 'do not ask')
    .option('-w, --watch', 'follow it to its end');
}

function defineJobs(runs: Command, bind: Bind): void {
  const jobs = runs.command('jobs').description('List and steer what is done to many runs');
  const ls = jobs
    .command('ls', { isDefault: true })
    .description('List bulk jobs, newest first')
    .option('--limit <n>', 'most jobs to list (default: 20)', wholeNumber)
    .action(bind(async () => (await import('./bulk-jobs.ts')).listJobs));
  examples(jobs, 'signalbox runs jobs');
  examples(ls, 'signalbox runs jobs ls --limit 5');
  const verbs = {
    watch: 'Follow a job to its end',
    pause: 'Pause a job',
    resume: 'Let a job go on',
    stop: 'End a job; what was done stays done',
  };
  for (const [verb, text] of Object.entries(verbs) as [keyof typeof verbs, string][]) {
    const command = jobs
      .command(verb)
      .description(text)
      .argument('<job>', 'id of the job')
      .action(bind(async () => (await import('./bulk-jobs.ts'))[verb]));
    examples(command, `signalbox runs jobs ${verb} job_01h455vb4pex5vsknk084sn02q`);
  }
}
