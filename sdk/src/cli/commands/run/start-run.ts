import type { Context, GlobalOptions } from '../../context.ts';
import { EXIT } from '../../exit-code.ts';
import { stateLabel } from '../../output/run-state.ts';
import { instant } from '../../output/time.ts';
import { parseInstant } from '../../parameters/parse-instant.ts';
import { parseParameters } from '../../parameters/parse-parameters.ts';
import { readSetting } from '../deployments/field-values.ts';
import { withSuggestion } from '../deployments/suggest-deployment.ts';
import { followRun } from '../runs/follow-run.ts';

interface RunOptions extends GlobalOptions {
  param?: string[];
  paramsJson?: string;
  name?: string;
  variable?: string[];
  tag?: string[];
  at?: string;
  queue?: string;
  idempotencyKey?: string;
  watch?: boolean;
}

export async function startRun(context: Context, options: RunOptions, ref: string): Promise<number> {
  const dueAt = options.at === undefined ? undefined : parseInstant('at', options.at, context.host.now());
  const paramsJson = options.paramsJson === '-' ? await readAll(context.host.stdin) : options.paramsJson;
  const client = await context.client();
  const run = await withSuggestion(client, ref, async () => {
    // The schema is asked for only when there is a text to be read by it.
    const schema = options.param ? (await client.deployments.get.query({ deployment: ref })).parameterSchema : null;
    const parameters = parseParameters(options.param ?? [], paramsJson, schema);
    return client.runs.create.mutate({
      deployment: ref,
      parameters,
      variables: variablesOf(options.variable),
      name: options.name,
      tags: options.tag,
      dueAt,
      queue: options.queue,
      idempotencyKey: options.idempotencyKey,
    });
  });

  if (options.watch) return followRun(context, client, run.id);
  if (context.json) {
    context.printJson(run);
    return EXIT.ok;
  }
  const { style } = context;
  const due = dueAt ? `  due ${instant(run.dueAt, context.host.now())}` : '';
  context.print(`${stateLabel(run.state, style)}  ${style.bold(run.name)}  ${run.flow.name}/${run.deployment.name}${due}`, run.id);
  context.note(style.dim(`Follow it: signalbox runs watch ${run.name}`));
  return EXIT.ok;
}

/** `env.LOG=debug` sets one key of `env`, `workingDirectory=/srv` a variable. */
function variablesOf(texts: readonly string[] | undefined): Record<string, unknown> | undefined {
  if (!texts) return undefined;
  const settings = texts
    .map((text) => readSetting(`variables.${text}`))
    .map(({ path, value }) => [path.slice('variables.'.length), value] as const);
  const env = settings.filter(([name]) => name.startsWith('env.')).map(([name, value]) => [name.slice('env.'.length), value]);
  return {
    ...Object.fromEntries(settings.filter(([name]) => !name.startsWith('env.'))),
    ...(env.length > 0 ? { env: Object.fromEntries(env) } : {}),
  };
}

async function readAll(stream: NodeJS.ReadableStream): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  return text;
}
