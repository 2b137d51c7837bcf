/** What the command line asks for. */
import { parseArgs } from 'node:util';
import type { Scenario, Size } from './scenario.ts';

export type Options = {
  readonly chosen: readonly (readonly [name: string, scenario: Scenario])[];
  readonly size: Size;
  readonly repeat: number;
  readonly json: boolean;
};

const FLAGS = {
  quick: { type: 'boolean' },
  tiny: { type: 'boolean' },
  json: { type: 'boolean' },
  only: { type: 'string', multiple: true },
  repeat: { type: 'string' },
  list: { type: 'boolean' },
  help: { type: 'boolean' },
} as const;

export const HELP = `npm run bench -- [options]

Our figures beside peers and floors that run in the same run, on the same durable Postgres.

  --quick        smaller samples
  --tiny         smallest samples: proves that scenarios work, the figures mean nothing
  --json         an array of rows { scenario, metric, unit, ours, against, theirs, ratio }
  --only NAME    one scenario; may be given again, or several with commas
  --repeat N     medians of N rounds (default 3; 1 with --quick and --tiny)
  --list         names of the scenarios
  --help         this

Exit codes: 0 all ran, 1 a scenario failed (the rows of the others are printed), 2 an option is not understood.
`;

/** A text to print and the exit code it goes with, or what to run. @throws never. */
export function readOptions(
  args: readonly string[],
  scenarios: Readonly<Record<string, Scenario>>,
): Options | { say: string; code: 0 | 2 } {
  let values: ReturnType<typeof parseArgs<{ options: typeof FLAGS }>>['values'];
  try {
    ({ values } = parseArgs({ args: [...args], options: FLAGS }));
  } catch (error) {
    return { say: `${error instanceof Error ? error.message : error}\n\n${HELP}`, code: 2 };
  }
  if (values.help) return { say: HELP, code: 0 };
  if (values.list) {
    const lines = Object.entries(scenarios).map(([name, { about }]) => `${name.padEnd(16)}${about}\n`);
    return { say: lines.join(''), code: 0 };
  }
  const names = values.only?.flatMap((list) => list.split(',')) ?? Object.keys(scenarios);
  const unknown = names.find((name) => !Object.hasOwn(scenarios, name));
  if (unknown !== undefined) {
    return { say: `--only: no scenario "${unknown}"; known: ${Object.keys(scenarios).join(', ')}\n`, code: 2 };
  }
  const size = values.tiny ? 'tiny' : values.quick ? 'quick' : 'full';
  const repeat = Number(values.repeat ?? (size === 'full' ? 3 : 1));
  if (!Number.isInteger(repeat) || repeat < 1 || repeat > 100) {
    return { say: `--repeat: "${values.repeat}" is not a whole number from 1 to 100\n`, code: 2 };
  }
  return { chosen: names.map((name) => [name, scenarios[name] as Scenario]), size, repeat, json: values.json ?? false };
}
