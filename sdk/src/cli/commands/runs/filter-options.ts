/** Options that say which runs, the same for every command that takes many: a filter's text, and a flag for what is common. */
import type { RunFilter } from '@signalbox/proto/api';
import { type Command, Option } from 'commander';
import { CliError } from '../../cli-error.ts';
import { collect } from '../../option-values.ts';

export interface FilterOptions {
  filter?: string[];
  state?: string[];
  kind?: string[];
  flow?: string[];
  deployment?: string[];
  pool?: string[];
  queue?: string[];
  agent?: string[];
  tag?: string[];
  name?: string;
  since?: string;
  until?: string;
}

/** Flags, each a word of the filter's text. */
const FLAGS: readonly { readonly key: keyof FilterOptions; readonly value: string; readonly help: string }[] = [
  { key: 'state', value: '<state>', help: 'a state or the name of one (failed, timedOut, late); may be repeated' },
  { key: 'kind', value: '<kind>', help: 'flow, or task: what `task.delay()` made' },
  { key: 'flow', value: '<flow>', help: 'flow, * for any text; may be repeated' },
  { key: 'deployment', value: '<deployment>', help: 'flow/name, * for any text; may be repeated' },
  { key: 'pool', value: '<pool>', help: 'work pool; may be repeated' },
  { key: 'queue', value: '<pool/queue>', help: 'work queue; may be repeated' },
  { key: 'agent', value: '<agent>', help: 'agent that held it; may be repeated' },
  { key: 'tag', value: '<tag>', help: 'with this tag; repeated: with all of them' },
  { key: 'name', value: '<text>', help: 'part of the name; with * at the end, its beginning' },
  { key: 'since', value: '<when>', help: 'created from then on: 24h (ago), 7d, 2026-01-31' },
  { key: 'until', value: '<when>', help: 'created before then' },
];

/** Adds the options. `short` leaves the flags out: `--filter` says it all. */
export function addFilterOptions(command: Command, { short = false } = {}): Command {
  command.option('-f, --filter <filter>', "which runs: 'state:failed tag:etl flow:weather* since:24h'; may be repeated", collect);
  if (short) return command;
  for (const { key, value, help } of FLAGS) {
    const option = new Option(`--${key} ${value}`, help);
    command.addOption(['name', 'since', 'until'].includes(key) ? option : option.argParser(collect));
  }
  return command;
}

/** The filter that the options say; no options: every run. @throws CliError that names each word it cannot read. */
export async function filterOf(options: FilterOptions, nowMs: number): Promise<RunFilter> {
  const { parseRunFilter, quoteFilterValue } = await import('@signalbox/proto/api');
  // A flag repeated means any of its values, save for tags: a run has many tags and one state.
  const words = FLAGS.flatMap(({ key }) => {
    const given = options[key];
    if (given === undefined) return [];
    if (key === 'tag') return (given as string[]).map((tag) => `tag:${quoteFilterValue(tag)}`);
    return [`${key}:${(typeof given === 'string' ? [given] : given).map(quoteFilterValue).join(',')}`];
  });
  const text = [...(options.filter ?? []), ...words].join(' ');
  const reading = parseRunFilter(text, nowMs);
  if (reading.ok) return reading.filter;
  throw new CliError(
    ['the filter cannot be read', ...reading.problems.map(({ text: word, message }) => `${word}: ${message}`)].join('\n'),
    { hint: 'every word is explained by `signalbox runs ls --help`' },
  );
}

/** Every word of a filter, for the end of a command's help. */
export const FILTER_HELP = `
Words of --filter:
  state:failed,late   a state, or the name of one       -state:completed   any other state
  tag:etl             with the tag (tag:a,b: either)    -tag:test          without it
  kind:task           made by task.delay()
  flow: deployment: pool: queue: schedule: agent:       by name or id, * for any text
  since:24h until:1h  created within                    created: due: started: ended:   as in created:2026-01-01..2026-02-01
  duration:>5m        from start to end, or until now   attempt:>1         was tried again
  param:city=Oslo     has this parameter                failure:timed-out  kind of failure
  by:schedule  actor:usr_...  version:sha256:4f2a  id:run_...  name:nightly*  and words alone: part of the name
Words all must hold; values between commas are alternatives. See docs/reference/run-filters.md.`;
