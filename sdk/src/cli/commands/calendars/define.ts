import type { Command } from 'commander';
import { examples } from '../../examples.ts';
import { collect } from '../../option-values.ts';
import type { Bind } from '../../verb.ts';

const REF = 'name or id of the calendar';

export function defineCalendars(program: Command, bind: Bind): void {
  const calendars = program.command('calendars').description('List, show, create, change and delete the calendars that schedules go by');
  const ls = calendars
    .command('ls')
    .description('List calendars')
    .action(bind(async () => (await import('./show-calendars.ts')).listCalendars));
  examples(ls, 'signalbox calendars ls');
  const show = calendars
    .command('show')
    .description('Show the days of one calendar')
    .argument('<calendar>', REF)
    .action(bind(async () => (await import('./show-calendars.ts')).showCalendar));
  examples(show, 'signalbox calendars show business');
  const create = calendars
    .command('create')
    .description('Create a calendar')
    .argument('<name>', 'lower-case letters, digits and hyphens')
    .option('--description <text>', 'what it is for')
    .option('--timezone <zone>', 'zone its days are counted in (default: UTC)');
  withRules(create).action(bind(async () => (await import('./edit-calendar.ts')).createCalendar));
  examples(
    create,
    "signalbox calendars create business --business-days --timezone Europe/Berlin --exclude '12-25=Christmas' --exclude '12-31..01-01=New Year'",
    'signalbox calendars create custom --file calendar.json',
  );
  const update = calendars
    .command('update')
    .description('Add to a calendar, or change it')
    .argument('<calendar>', REF)
    .option('--rename <name>', 'another name')
    .option('--description <text>', 'what it is for')
    .option('--timezone <zone>', 'zone its days are counted in')
    .option('--clear <list>', 'empty exclude, include or freezes first (repeatable)', collect, []);
  withRules(update).action(bind(async () => (await import('./edit-calendar.ts')).updateCalendar));
  examples(update, "signalbox calendars update business --freeze '2026-12-20T12:00Z..2027-01-03T12:00Z=Year-end freeze'");
  const remove = calendars
    .command('delete')
    .description('Delete a calendar that no schedule goes by')
    .argument('<calendar>', REF)
    .option('-y, --yes', 'do not ask')
    .action(bind(async () => (await import('./edit-calendar.ts')).deleteCalendar));
  examples(remove, 'signalbox calendars delete business --yes');
}

function withRules(command: Command): Command {
  return command
    .option('--business-days', 'open from Monday to Friday')
    .option('--weekdays <days>', 'open on these days of the week: 1-5, 1,3,5, or all (1 is Monday)')
    .option('--exclude <day=name>', 'closed on a day: 2026-12-25, 12-25 for every year, or 12-24..12-26 (repeatable)', collect, [])
    .option('--include <day=name>', 'open on a day all the same (repeatable)', collect, [])
    .option('--freeze <from..to=name>', 'nothing fires between two instants (repeatable)', collect, [])
    .option('--file <path>', 'rules as JSON: weekdays, exclude, include, freezes');
}
