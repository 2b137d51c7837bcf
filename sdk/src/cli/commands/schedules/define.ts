import type { Command } from 'commander';
import { examples } from '../../examples.ts';
import { wholeNumber } from '../../option-values.ts';
import type { Bind } from '../../verb.ts';
import { withRuleOptions, withSpecOptions } from './schedule-options.ts';

const DEPLOYMENT = 'flow/name, or the id of a schedule';
const SCHEDULE = 'its slug, when the deployment has several';

export function defineSchedules(program: Command, bind: Bind): void {
  const schedules = program.command('schedules').description('List, preview, skip, pause, make and backfill schedules');
  const of = (name: string, description: string) =>
    schedules.command(name).description(description).argument('<deployment>', DEPLOYMENT).argument('[schedule]', SCHEDULE);
  const ls = schedules
    .command('ls')
    .description('List the schedules of one deployment, or of all')
    .argument('[deployment]', 'flow/name, or an id')
    .action(bind(async () => (await import('./list-schedules.ts')).listSchedules));
  examples(ls, 'signalbox schedules ls', 'signalbox schedules ls weather/daily');

  const preview = schedules
    .command('preview')
    .description('Show when a schedule fires next, and why not')
    .argument('[cron-or-deployment]', 'cron expression, or flow/name of a deployment')
    .argument('[schedule]', SCHEDULE)
    .option('--count <n>', 'how many, up to 50', wholeNumber);
  withRuleOptions(withSpecOptions(preview)).action(bind(async () => (await import('./preview-schedule.ts')).previewSchedule));
  examples(
    preview,
    'signalbox schedules preview weather/daily --count 20',
    "signalbox schedules preview '0 6 * * 1-5' --timezone Europe/Berlin --calendar business",
    "signalbox schedules preview --rrule 'FREQ=MONTHLY;BYDAY=-1FR;BYHOUR=17'",
  );

  const skip = of('skip', 'Skip one coming fire')
    .option('--at <instant>', 'which (default: the next)')
    .option('--reason <text>', 'why, for those who ask')
    .action(bind(async () => (await import('./skip-fire.ts')).skipFire));
  examples(
    skip,
    'signalbox schedules skip weather/daily --reason maintenance',
    'signalbox schedules skip weather/daily --at 2026-12-24T06:00:00Z',
  );
  const unskip = of('unskip', 'Let a skipped fire happen after all')
    .option('--at <instant>', 'which (default: the next that is skipped)')
    .action(bind(async () => (await import('./skip-fire.ts')).unskipFire));
  examples(unskip, 'signalbox schedules unskip weather/daily');

  const pause = of('pause', 'Stop a schedule from firing; deploys leave it so')
    .alias('disable')
    .action(bind(async () => (await import('./switch-schedule.ts')).disableSchedule));
  examples(pause, 'signalbox schedules pause weather/daily cron-1');
  const resume = of('resume', 'Let a schedule fire again')
    .alias('enable')
    .action(bind(async () => (await import('./switch-schedule.ts')).enableSchedule));
  examples(resume, 'signalbox schedules resume weather/daily', 'signalbox schedules resume weather/daily cron-1');

  const create = schedules
    .command('create')
    .description('Make a schedule beside those of the code')
    .argument('<deployment>', 'flow/name, or an id')
    .argument('<slug>', 'lower-case letters, digits and hyphens')
    .option('--cron <expression>', 'cron expression of five fields, or six with seconds first')
    .option('--params <json>', 'parameters over those of the deployment')
    .option('--inactive', 'make it without letting it fire');
  withRuleOptions(withSpecOptions(create)).action(bind(async () => (await import('./edit-schedule.ts')).createSchedule));
  examples(create, "signalbox schedules create weather/daily nightly --cron '0 2 * * *' --timezone Europe/Berlin --overlap skip");
  const update = of('update', 'Change a schedule that a person made')
    .option('--cron <expression>', 'cron expression of five fields, or six with seconds first')
    .option('--rename <slug>', 'another slug')
    .option('--params <json>', 'parameters over those of the deployment');
  withRuleOptions(withSpecOptions(update)).action(bind(async () => (await import('./edit-schedule.ts')).updateSchedule));
  examples(update, 'signalbox schedules update weather/daily nightly --overlap queue --calendar none');
  const remove = of('delete', 'Delete a schedule that a person made')
    .option('-y, --yes', 'do not ask')
    .action(bind(async () => (await import('./edit-schedule.ts')).deleteSchedule));
  examples(remove, 'signalbox schedules delete weather/daily nightly --yes');

  const fires = of('fires', 'List what became of its instants: runs, skipped, missed, waiting')
    .option('--limit <n>', 'how many (default: 20)', wholeNumber)
    .action(bind(async () => (await import('./list-fires.ts')).listFires));
  examples(fires, 'signalbox schedules fires weather/daily');
  const audit = schedules
    .command('audit')
    .description('List where schedules did not fire as they should')
    .option('--open', 'only what nobody mended')
    .action(bind(async () => (await import('./list-fires.ts')).listFindings));
  examples(audit, 'signalbox schedules audit --open');

  const backfill = schedules
    .command('backfill')
    .description('Make the runs of a past range, a few at a time')
    .argument('<deployment>', 'flow/name, or an id')
    .argument('[schedule]', 'slug of the schedule whose instants are made; or give a cron, rule or interval')
    .requiredOption('--from <instant>', 'first instant of the range')
    .requiredOption('--to <instant>', 'end of the range, not included')
    .option('--cron <expression>', 'instants of a cron expression instead of a schedule')
    .option('--params <json>', 'parameters over those of the schedule')
    .option('--newest-first', 'from the end of the range back')
    .option('--in-flight <n>', 'most runs at once (default: 4)', wholeNumber)
    .option('--rerun', 'also instants that have a run already')
    .option('--instant-parameter <name>', 'parameter that receives the instant')
    .option('-w, --watch', 'tell how far it is, until it is over');
  withSpecOptions(backfill).action(bind(async () => (await import('../backfills/create-backfill.ts')).createBackfill));
  examples(
    backfill,
    'signalbox schedules backfill weather/daily cron-1 --from 2026-01-01 --to 2026-02-01',
    "signalbox schedules backfill weather/daily --cron '0 6 * * *' --from 2025-01-01 --to 2026-01-01 --in-flight 10",
  );
}
