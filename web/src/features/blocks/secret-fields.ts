/** Secret fields of blocks: shown and entered as their reference. Pure. */
import type { BlockType } from '@signalbox/proto/api';

type Value = Record<string, unknown>;

/** Each secret field of a block, with its reference. */
export function secretsOf(value: Value): [field: string, reference: string][] {
  return Object.entries(value).flatMap(([field, slot]) => {
    const reference = (slot as { $secret?: unknown } | null)?.$secret;
    return typeof reference === 'string' ? [[field, reference] as [string, string]] : [];
  });
}

/** The schema of a form, in which a secret is the text of its reference. */
export function formSchema({ schema, secretFields }: Pick<BlockType, 'schema' | 'secretFields'>): Value {
  const properties = { ...(schema['properties'] as Value | undefined) };
  for (const field of secretFields) {
    const title = (properties[field] as Value | undefined)?.['title'];
    const description = 'Where the machine that runs the code finds it: env:DB_PASSWORD, file:/run/secrets/db. Never the secret itself.';
    properties[field] = { type: 'string', maxLength: 200, description, ...(title === undefined ? {} : { title }) };
  }
  return { ...schema, properties };
}

/** What the form begins with. */
export function toDraft(value: Value): Value {
  return { ...value, ...Object.fromEntries(secretsOf(value)) };
}

/** What is sent: references in their place. An empty one is left out. */
export function fromDraft({ secretFields }: Pick<BlockType, 'secretFields'>, draft: Value): Value {
  return Object.fromEntries(
    Object.entries(draft).flatMap(([field, given]) => {
      if (!secretFields.includes(field)) return [[field, given]];
      return given === '' || given === undefined ? [] : [[field, { $secret: given }]];
    }),
  );
}
