/** Blocks: settings of one kind, typed by a schema, that people keep in the workspace and flows load by name. */
import type { GetBlockReply } from '@signalbox/proto/messages';
import { findEngineContext } from './engine/context.ts';
import { declaredBlockTypes } from './engine/declared-block-types.ts';
import { checkInput } from './parameters.ts';
import { secret } from './secret.ts';
import type { JsonSchema, SchemaInput, SchemaOutput, StandardSchema } from './standard-schema.ts';
import { toJsonSchema } from './standard-schema.ts';

// The wire's bounds; written out, since a cold start pays for every module.
const TYPE = /^[a-z0-9]+(-[a-z0-9]+)*$/;
const NAME = /^[a-z0-9]+([_-][a-z0-9]+)*$/;

export interface BlockOptions<S extends StandardSchema, K extends string> {
  /** What kind it is: `postgres`. Lower-case letters and digits with single hyphens, at most 100 characters. */
  readonly type: string;
  /** What one holds: an object, by any library that follows Standard Schema. */
  readonly schema: S;
  /** Fields that hold a secret: the workspace keeps a reference (`env:DB_PASSWORD`), and the machine that loads it has the value. */
  readonly secrets?: readonly (K & keyof SchemaInput<S>)[];
  /** For libraries that cannot say theirs. */
  readonly jsonSchema?: JsonSchema;
  readonly description?: string;
}

/** Where a secret is found: `env:NAME`, `file:/path`, or the scheme of a `secretProvider`. */
export type SecretReference = `${string}:${string}`;
/** What is saved: secret fields are references. */
export type BlockInput<S extends StandardSchema, K extends string> = {
  [F in keyof SchemaInput<S>]: F extends K ? SecretReference : SchemaInput<S>[F];
};

/** A declared type of blocks. */
export interface BlockType<S extends StandardSchema, K extends string> {
  readonly type: string;
  /**
   * A block as it is now, with its secrets resolved on this machine (and masked from then on). In a run it is asked for through
   * the agent; without one, `SIGNALBOX_BLOCK_<TYPE>_<NAME>` holds it as JSON (upper case, `-` as `_`), else `SIGNALBOX_URL` says whom to ask.
   * @throws Error when there is none, or a secret of it is not on this machine; ParameterError when it breaks the schema.
   */
  load(name: string): Promise<SchemaOutput<S>>;
  /**
   * Makes a block, or changes it, and its type where that is new. From a program that has a key (`SIGNALBOX_URL`, `SIGNALBOX_API_KEY`):
   * a running flow has none.
   * @throws SignalboxError when it is refused; Error in a run.
   */
  save(name: string, value: BlockInput<S, K>, options?: { readonly description?: string }): Promise<void>;
}

/**
 * Declares a type of blocks. `signalbox deploy` makes it, with its schema, so that people can fill in a form.
 * @example
 * const postgres = block({ type: 'postgres', schema: z.object({ host: z.string(), password: z.string() }), secrets: ['password'] });
 * const { host, password } = await postgres.load('orders');
 * @throws RangeError for a type that cannot be one, or a schema that cannot say itself as JSON Schema.
 */
export function block<S extends StandardSchema, const K extends string = never>(options: BlockOptions<S, K>): BlockType<S, K> {
  const { type, schema, secrets = [], description = '' } = options;
  if (typeof type !== 'string' || type.length > 100 || !TYPE.test(type))
    throw new RangeError(`block: type: expected lower-case letters and digits with single hyphens, got ${JSON.stringify(type)}`);
  const json = options.jsonSchema ?? toJsonSchema(schema);
  if (!json) throw new RangeError(`block "${type}": schema: this library cannot say it as JSON Schema; give jsonSchema`);
  const declared = { name: type, description, schema: json, secretFields: [...secrets] as string[] };
  declaredBlockTypes.set(type, declared);
  return {
    type,
    async load(name) {
      const found = await find(type, checkName(type, name));
      if (!found)
        throw new Error(`there is no block "${type}/${name}": make it in the console, or with signalbox blocks set ${type} ${name} ...`);
      const value = { ...found };
      for (const field of declared.secretFields) {
        const slot = value[field] as { $secret?: unknown } | undefined;
        if (typeof slot?.$secret === 'string') value[field] = await secret(slot.$secret);
      }
      return (await checkInput(`${type}/${name}`, schema, value)) as SchemaOutput<S>;
    },
    async save(name, value, { description: words } = {}) {
      checkName(type, name);
      const ctx = findEngineContext();
      if (ctx?.session.run.deployment)
        throw new Error(`block "${type}": save() was called in a run, which has no key: save it from a program that has one`);
      const { connect } = await import('./deploy.ts');
      const client = await connect({});
      await client.blocks.setType.mutate(declared);
      const slots = Object.entries(value).map(([field, given]) =>
        declared.secretFields.includes(field) ? [field, { $secret: given }] : [field, given],
      );
      await client.blocks.set.mutate({
        type,
        name,
        value: Object.fromEntries(slots),
        ...(words === undefined ? {} : { description: words }),
      });
    },
  };
}

async function find(type: string, name: string): Promise<Record<string, unknown> | null> {
  const ctx = findEngineContext();
  // Runs of an agent and of a test ask whoever answers their calls.
  if (ctx && (ctx.session.run.deployment !== null || ctx.session.doubles)) {
    const { value } = (await ctx.session.calls.call({ name: 'blocks.get', type, block: name }, ctx.signal)) as GetBlockReply;
    return value && (value.body as Record<string, unknown>);
  }
  const variable = `SIGNALBOX_BLOCK_${type}_${name}`.toUpperCase().replaceAll('-', '_');
  const text = process.env[variable];
  if (text !== undefined) return parse(text, variable);
  if (!process.env['SIGNALBOX_URL']) return null;
  const { connect } = await import('./deploy.ts');
  try {
    return (await (await connect({})).blocks.get.query({ type, name })).value;
  } catch (error) {
    if ((error as { code?: unknown }).code === 'NOT_FOUND') return null;
    throw error;
  }
}

/** Without the text in the error: it may hold what is nobody's business. */
function parse(text: string, variable: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {}
  throw new Error(`${variable}: expected an object as JSON, with { "$secret": "env:NAME" } in the place of secrets`);
}

function checkName(type: string, name: string): string {
  if (typeof name === 'string' && name.length <= 255 && NAME.test(name)) return name;
  const expected = 'lower-case letters and digits, with single _ or - between them, at most 255';
  throw new RangeError(`block "${type}": name: expected ${expected}, got ${JSON.stringify(name)}`);
}
