/** Variables of the workspace: values that people change without a deploy. */
import type { GetVariableReply } from '@signalbox/proto/messages';
import { findEngineContext } from './engine/context.ts';

const NAME = /^[a-z0-9]+([_-][a-z0-9]+)*$/;

/**
 * The value of a variable as it is now. In a run it is asked for through the agent; without one, `SIGNALBOX_URL` says
 * whom to ask, and `SIGNALBOX_VARIABLE_<NAME>` (upper case, `-` as `_`; JSON, else plain text) comes before that.
 * @param fallback given where there is no such variable.
 * @example const regions = await variable<string[]>('regions', ['eu']);
 * @throws RangeError for a name that cannot be one; Error when there is none and no fallback is given.
 */
export async function variable<T = unknown>(name: string, ...fallback: [fallback?: T]): Promise<T> {
  if (typeof name !== 'string' || name.length > 255 || !NAME.test(name)) {
    const expected = 'lower-case letters and digits, with single _ or - between them, at most 255';
    throw new RangeError(`variable: name: expected ${expected}, got ${JSON.stringify(name)}`);
  }
  const found = await find(name);
  if (found) return found.value as T;
  if (fallback.length > 0) return fallback[0] as T;
  throw new Error(`there is no variable "${name}": make it with signalbox variables set ${name} VALUE, or give a fallback`);
}

async function find(name: string): Promise<{ value: unknown } | null> {
  const ctx = findEngineContext();
  // Runs of an agent and of a test ask whoever answers their calls.
  if (ctx && (ctx.session.run.deployment !== null || ctx.session.doubles)) {
    const { value } = (await ctx.session.calls.call({ name: 'variables.get', variable: name }, ctx.signal)) as GetVariableReply;
    return value && { value: value.body };
  }
  const text = process.env[`SIGNALBOX_VARIABLE_${name.toUpperCase().replaceAll('-', '_')}`];
  if (text !== undefined) return { value: parse(text) };
  if (!process.env['SIGNALBOX_URL']) return null;
  const { connect } = await import('./deploy.ts');
  const client = await connect({});
  try {
    return { value: (await client.variables.get.query({ name })).value };
  } catch (error) {
    if ((error as { code?: unknown }).code === 'NOT_FOUND') return null;
    throw error;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
