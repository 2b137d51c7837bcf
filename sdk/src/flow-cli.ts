/** A flow file as a program: `node flow.ts --param years=[2012] --param threshold=5`. */
import { parseArgs } from 'node:util';
import { executeLocally } from './engine/run-locally.ts';
import { CancelledError } from './errors.ts';
import type { FlowDefinition } from './flow-definition.ts';
import { toJsonSchema } from './standard-schema.ts';

const EXIT = { failed: 1, badInput: 2, cancelled: 130 } as const;

/** Runs a flow with the parameters of the command line, prints it, and sets the exit code: 0, 1, 2 or 130. */
export async function runFromCommandLine(definition: FlowDefinition, argv = process.argv.slice(2)): Promise<void> {
  const parsed = readArguments(argv);
  if (parsed.kind === 'help') {
    console.log(helpText(definition));
    return;
  }
  if (parsed.kind === 'bad') {
    console.error(`${parsed.message}\n\n${helpText(definition)}`);
    process.exitCode = EXIT.badInput;
    return;
  }
  const controller = new AbortController();
  const stop = () => {
    // The first asks; a second one finds no handler and ends the process.
    process.removeListener('SIGINT', stop).removeListener('SIGTERM', stop);
    controller.abort(new CancelledError());
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  const unfinished = () => {
    console.error(`flow "${definition.name}" never ended: it waits for something that nothing will bring about`);
    process.exitCode = EXIT.failed;
  };
  process.once('beforeExit', unfinished);
  // A reader that left (`| head`) is no reason to stop the run.
  process.stdout.on('error', ignoreClosedPipe);
  const outcome = await executeLocally(definition, parsed.parameters, { signal: controller.signal });
  process.removeListener('beforeExit', unfinished);
  process.removeListener('SIGINT', stop).removeListener('SIGTERM', stop);
  if (outcome.state === 'CANCELLED') process.exitCode = EXIT.cancelled;
  else if (outcome.failure?.name === 'ParameterError') process.exitCode = EXIT.badInput;
  else if (outcome.state === 'FAILED') process.exitCode = EXIT.failed;
}

function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}

type Arguments = { kind: 'run'; parameters: Record<string, unknown> } | { kind: 'help' } | { kind: 'bad'; message: string };

/** What the command line asks for. A value is read as JSON, and as plain text where it is none. */
export function readArguments(argv: readonly string[]): Arguments {
  const options = {
    param: { type: 'string', short: 'p', multiple: true },
    params: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  } as const;
  try {
    const { values } = parseArgs({ args: [...argv], options, strict: true });
    if (values.help) return { kind: 'help' };
    const whole: unknown = JSON.parse(values.params ?? '{}');
    if (typeof whole !== 'object' || whole === null || Array.isArray(whole)) {
      return { kind: 'bad', message: `--params: expected a JSON object, got ${values.params}` };
    }
    return { kind: 'run', parameters: { ...whole, ...Object.fromEntries((values.param ?? []).map(readPair)) } };
  } catch (error) {
    const message = error instanceof SyntaxError ? `--params: expected JSON: ${error.message}` : (error as Error).message;
    return { kind: 'bad', message };
  }
}

function readPair(text: string): [string, unknown] {
  const at = text.indexOf('=');
  if (at < 1) throw new RangeError(`--param: expected key=value, got ${JSON.stringify(text)}`);
  const value = text.slice(at + 1);
  try {
    return [text.slice(0, at), JSON.parse(value)];
  } catch {
    return [text.slice(0, at), value];
  }
}

function helpText({ name, description, jsonSchema, parameters }: FlowDefinition): string {
  const schema = jsonSchema ?? (parameters && toJsonSchema(parameters));
  const properties = Object.entries((schema?.properties ?? {}) as Record<string, Record<string, unknown>>);
  const rows = properties.map(([key, property]) => {
    const fallback = 'default' in property ? `  default ${JSON.stringify(property.default)}` : '';
    return `  ${key}: ${property.type ?? 'any'}${property.description ? `  ${property.description}` : ''}${fallback}`;
  });
  const lines = [`flow "${name}"${description ? `: ${description}` : ''}`, 'usage: [--param key=value]... [--params JSON]'];
  return [...lines, ...(rows.length > 0 ? ['parameters:', ...rows] : [])].join('\n');
}
