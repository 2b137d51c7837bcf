/**
 * A JSON Schema read as form fields. What a form cannot say well (unions, free-form objects, recursion)
 * becomes a JSON field rather than nothing: every schema has a form.
 */

interface FieldBase {
  /** Property name, or the index in a list; empty for the whole. */
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly isRequired: boolean;
  readonly isNullable: boolean;
  readonly default: unknown;
}

export type SchemaField = FieldBase &
  (
    | {
        readonly kind: 'text';
        readonly isLong: boolean;
        readonly inputType: 'text' | 'email' | 'url';
        readonly minLength?: number;
        readonly maxLength?: number;
        readonly pattern?: string;
      }
    | {
        readonly kind: 'number';
        readonly isInteger: boolean;
        readonly min?: number;
        readonly max?: number;
        readonly above?: number;
        readonly below?: number;
      }
    | { readonly kind: 'date' | 'date-time' | 'boolean' | 'json' }
    | { readonly kind: 'choice'; readonly options: readonly unknown[] }
    | { readonly kind: 'list'; readonly item: SchemaField; readonly minItems: number; readonly maxItems: number }
    | { readonly kind: 'group'; readonly fields: readonly SchemaField[] }
  );

type Schema = Record<string, unknown>;

/** Deeper than this a form helps nobody; it is also where recursive schemas end. */
const MAX_DEPTH = 6;

/** The fields of a parameter schema, in its own order. No schema: one JSON field for everything. */
export function schemaFields(schema: Schema | null): SchemaField {
  const root = readField('', schema ?? {}, { root: schema ?? {}, depth: 0, isRequired: true });
  return root.kind === 'group' ? root : { ...root, kind: 'json' };
}

interface Place {
  readonly root: Schema;
  readonly depth: number;
  readonly isRequired: boolean;
}

function readField(name: string, given: Schema, place: Place): SchemaField {
  const { schema, isNullable } = simplify(given, place.root);
  const base: FieldBase = {
    name,
    title: text(given['title']) || text(schema['title']) || name,
    description: text(given['description']) || text(schema['description']),
    isRequired: place.isRequired,
    isNullable,
    default: given['default'] ?? schema['default'],
  };
  if (Array.isArray(schema['enum'])) return { ...base, kind: 'choice', options: schema['enum'] };
  if ('const' in schema) return { ...base, kind: 'choice', options: [schema['const']] };
  if (place.depth >= MAX_DEPTH) return { ...base, kind: 'json' };
  switch (schema['type']) {
    case 'string':
      return readText(base, schema);
    case 'integer':
    case 'number':
      return {
        ...base,
        kind: 'number',
        isInteger: schema['type'] === 'integer',
        ...numbers(schema, { min: 'minimum', max: 'maximum', above: 'exclusiveMinimum', below: 'exclusiveMaximum' }),
      };
    case 'boolean':
      return { ...base, kind: 'boolean' };
    case 'array': {
      if (!isSchema(schema['items'])) return { ...base, kind: 'json' };
      const item = readField('', schema['items'], { root: place.root, depth: place.depth + 1, isRequired: true });
      return {
        ...base,
        kind: 'list',
        item,
        minItems: number(schema['minItems']) ?? 0,
        maxItems: number(schema['maxItems']) ?? Number.POSITIVE_INFINITY,
      };
    }
    case 'object': {
      const { properties } = schema;
      if (!isSchema(properties) || Object.keys(properties).length === 0) return { ...base, kind: 'json' };
      const required = Array.isArray(schema['required']) ? schema['required'] : [];
      const fields = Object.entries(properties).map(([key, value]) =>
        readField(key, isSchema(value) ? value : {}, { root: place.root, depth: place.depth + 1, isRequired: required.includes(key) }),
      );
      return { ...base, kind: 'group', fields };
    }
    default:
      return { ...base, kind: 'json' };
  }
}

function readText(base: FieldBase, schema: Schema): SchemaField {
  const format = text(schema['format']);
  if (format === 'date' || format === 'date-time') return { ...base, kind: format };
  const maxLength = number(schema['maxLength']);
  const pattern = text(schema['pattern']);
  return {
    ...base,
    kind: 'text',
    inputType: format === 'email' ? 'email' : format === 'uri' || format === 'url' ? 'url' : 'text',
    isLong: (maxLength ?? 0) > 200,
    ...numbers(schema, { minLength: 'minLength', maxLength: 'maxLength' }),
    // A format brings its own check; its machine-made pattern would only be unreadable.
    ...(pattern && !format ? { pattern } : {}),
  };
}

/** Follows references, and takes apart what means "or null" or "one of these values". */
function simplify(given: Schema, root: Schema): { schema: Schema; isNullable: boolean } {
  let schema = given;
  let isNullable = false;
  for (let step = 0; step < 10; step++) {
    const { $ref, anyOf, oneOf, allOf, type } = schema;
    const branches = anyOf ?? oneOf;
    if (typeof $ref === 'string') schema = follow($ref, root);
    else if (Array.isArray(allOf) && allOf.length === 1 && isSchema(allOf[0])) schema = allOf[0];
    else if (Array.isArray(type) && type.filter((each) => each !== 'null').length === 1) {
      isNullable ||= type.includes('null');
      schema = { ...schema, type: type.find((each) => each !== 'null') };
    } else if (Array.isArray(branches)) {
      const others = branches.filter(isSchema).filter((branch) => branch['type'] !== 'null');
      isNullable ||= others.length < branches.length;
      if (others.length === 1 && others[0]) schema = others[0];
      else if (others.every((branch) => 'const' in branch)) schema = { enum: others.map((branch) => branch['const']) };
      else return { schema: {}, isNullable };
    } else break;
  }
  return { schema, isNullable };
}

/** `#/$defs/Region` inside the same schema; anything else is not followed. */
function follow(ref: string, root: Schema): Schema {
  if (ref === '#') return root;
  let at: unknown = root;
  for (const part of ref.replace(/^#\//, '').split('/')) {
    at = isSchema(at) ? at[part.replaceAll('~1', '/').replaceAll('~0', '~')] : undefined;
  }
  return isSchema(at) ? at : {};
}

function numbers<K extends string>(schema: Schema, names: Record<K, string>): Partial<Record<K, number>> {
  const found: Partial<Record<K, number>> = {};
  for (const key of Object.keys(names) as K[]) {
    const value = number(schema[names[key]]);
    if (value !== undefined) found[key] = value;
  }
  return found;
}

/** zod writes the bounds of a safe integer into every integer; they say nothing to a person. */
function number(value: unknown): number | undefined {
  return typeof value === 'number' && Math.abs(value) < Number.MAX_SAFE_INTEGER ? value : undefined;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
