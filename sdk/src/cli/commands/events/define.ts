import type { Command } from 'commander';
import { examples } from '../../examples.ts';
import { wholeNumber } from '../../option-values.ts';
import type { Bind } from '../../verb.ts';

const collect = (value: string, before: string[] = []) => [...before, value];

export function defineEvents(program: Command, bind: Bind): void {
  const events = program.command('events').description('List, follow and send events');
  const filtered = (command: Command) =>
    command
      .option('--name <pattern>', 'names, with * for any text and ! to leave out; may be repeated', collect)
      .option('--about <id>', 'of this thing, or of what it had to do with')
      .option('--text <text>', 'part of anything in it')
      .option('--cloudevents', 'as CloudEvents 1.0: a batch as JSON; a line of JSON each where they are followed');
  const ls = filtered(events.command('ls').description('List events, newest first'))
    .option('--resource <id>', 'of this very thing')
    .option('--from <instant>', 'from this instant on, such as 2026-01-01T00:00:00Z')
    .option('--to <instant>', 'before this instant')
    .option('--limit <n>', 'how many, at most 200', wholeNumber)
    .option('--cursor <cursor>', 'go on from where the last search ended')
    .action(bind(async () => (await import('./list-events.ts')).listEvents));
  examples(ls, "signalbox events ls --name 'run.*' --name '!run.Late'", 'signalbox events ls --resource s3://raw/a.csv --from 2026-01-01');
  const stream = filtered(events.command('stream').description('Follow events as they come, until Ctrl-C')).action(
    bind(async () => (await import('./stream-events.ts')).streamEvents),
  );
  examples(stream, "signalbox events stream --name 'run.Failed'");
  const replay = events
    .command('replay')
    .description('Say when a trigger would have fired in the last days')
    .argument('<file>', 'a trigger, YAML or JSON; - is standard input')
    .option('--days <n>', 'how far back, at most 30 (default 7)', wholeNumber)
    .action(bind(async () => (await import('./replay-trigger.ts')).replayTrigger));
  examples(replay, 'signalbox events replay stuck.json --days 14');
  const emit = events
    .command('emit')
    .description('Send an event')
    .argument('<name>', 'such as orders.file.arrived')
    .requiredOption('--resource <id>', 'what it happened to')
    .option('--label <key=value>', 'a label of that thing; may be repeated', collect)
    .option('--related <role=id>', 'a thing that had to do with it, and as what; may be repeated', collect)
    .option('--payload <json>', 'more about it, as a JSON object')
    .option('--at <time>', 'when it happened (default now)')
    .option('--follows <uuid>', 'id of the event that it comes after')
    .action(bind(async () => (await import('./emit-event.ts')).emitEvent));
  examples(emit, `signalbox events emit orders.file.arrived --resource s3://raw/a.csv --payload '{"bytes": 12}'`);
}
