import type { RunPause } from '@signalbox/proto/api';
import { ask } from '../../confirm.ts';
import type { Context, GlobalOptions } from '../../context.ts';
import { EXIT } from '../../exit-code.ts';
import { stateLabel } from '../../output/run-state.ts';
import { harmless } from '../../output/width.ts';
import { parseParameters } from '../../parameters/parse-parameters.ts';
import { findRun } from './find-run.ts';
import { followRun } from './follow-run.ts';

interface ResumeOptions extends GlobalOptions {
  param?: string[];
  paramsJson?: string;
  watch?: boolean;
}

/** Answers a paused or suspended run. What it asks for and was not given is asked for, on a terminal. */
export async function resumeRun(context: Context, options: ResumeOptions, ref: string): Promise<number> {
  const client = await context.client();
  const run = await findRun(client, ref);
  const { pause } = await client.runs.get.query({ run });
  const given = parseParameters(options.param ?? [], options.paramsJson, pause?.inputSchema ?? null);
  const asked = pause?.inEffect ? await askForRest(context, pause, given) : [];
  const input = asked.length > 0 ? { ...given, ...parseParameters(asked, undefined, pause?.inputSchema ?? null) } : given;
  const resumed = await client.runs.resume.mutate({ run, input, ...(pause ? { key: pause.key } : {}) });
  if (options.watch) return followRun(context, client, run);
  if (context.json) context.printJson(resumed);
  else context.print(`${stateLabel(resumed.state, context.style)}  ${resumed.name}`);
  return EXIT.ok;
}

type Property = { readonly description?: string; readonly type?: string; readonly enum?: readonly unknown[]; readonly default?: unknown };

/** `key=value` texts of required fields that were not given. Nothing without a terminal: the API then says what is missing. */
async function askForRest(context: Context, pause: RunPause, given: Record<string, unknown>): Promise<string[]> {
  const { stdin, stderr } = context.host;
  const required = (pause.inputSchema?.['required'] ?? []) as string[];
  const properties = (pause.inputSchema?.['properties'] ?? {}) as Record<string, Property>;
  const missing = required.filter((name) => !Object.hasOwn(given, name) && properties[name]?.default === undefined);
  if (missing.length === 0 || context.json || !stdin.isTTY || !stderr.isTTY) return [];
  if (pause.message) context.note(harmless(pause.message));
  const answers: string[] = [];
  for (const name of missing) answers.push(`${name}=${await ask(context, promptOf(name, properties[name]))}`);
  return answers;
}

function promptOf(name: string, property: Property | undefined): string {
  const allowed = property?.enum ? `one of ${property.enum.map(String).join(', ')}` : property?.type;
  const label = property?.description ? `${property.description} (${name})` : name;
  return `${harmless(label)}${allowed ? ` [${harmless(allowed)}]` : ''}: `;
}
