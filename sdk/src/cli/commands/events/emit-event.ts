import { CliError } from '../../cli-error.ts';
import type { Context, GlobalOptions } from '../../context.ts';

type Options = GlobalOptions & { resource: string; label?: string[]; payload?: string };

export async function emitEvent(context: Context, options: Options, name: string): Promise<void> {
  const event = { name, resource: { ...labelsOf(options.label ?? []), id: options.resource }, payload: payloadOf(options.payload) };
  const reply = await (await context.client()).events.emit.mutate({ events: [event] });
  if (context.json) return context.printJson(reply);
  context.print(`Sent ${name} as ${reply.ids[0]}.`);
}

function labelsOf(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      if (at < 1) throw new CliError(`--label: expected key=value, got ${pair}`);
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
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
