import { CliError } from '../../cli-error.ts';
import type { Context, GlobalOptions } from '../../context.ts';
import { parseInstant } from '../../parameters/parse-instant.ts';

type Options = GlobalOptions & {
  resource: string;
  label?: string[];
  related?: string[];
  payload?: string;
  at?: string;
  follows?: string;
};

export async function emitEvent(context: Context, options: Options, name: string): Promise<void> {
  const { resource, label = [], related = [], payload, at, follows } = options;
  const event = {
    name,
    resource: { ...Object.fromEntries(label.map((pair) => split('label', pair))), id: resource },
    related: related.map((pair) => {
      const [role, id] = split('related', pair);
      return { role, id };
    }),
    payload: payloadOf(payload),
    ...(at === undefined ? {} : { occurredAt: parseInstant('at', at, context.host.now()) }),
    ...(follows === undefined ? {} : { follows }),
  };
  const reply = await (await context.client()).events.emit.mutate({ events: [event] });
  if (context.json) return context.printJson(reply);
  context.print(`Sent ${name} as ${reply.ids[0]}.`);
}

const PAIRS = { label: 'key=value', related: 'role=id' } as const;

function split(option: keyof typeof PAIRS, pair: string): [string, string] {
  const at = pair.indexOf('=');
  if (at < 1) throw new CliError(`--${option}: expected ${PAIRS[option]}, got ${pair}`);
  return [pair.slice(0, at), pair.slice(at + 1)];
}

function payloadOf(text: string | undefined): Record<string, unknown> {
  if (text === undefined) return {};
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Said below.
  }
  throw new CliError(`--payload: expected a JSON object, got ${text}`);
}
