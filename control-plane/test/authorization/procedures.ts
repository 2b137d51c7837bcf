/** Every procedure of the API: how it is called, and the fields of its input. */
import { ID_PREFIX, type IdKind, toId, uuidv7 } from '@signalbox/proto';
import type { z } from 'zod';
import { appRouter } from '../../src/router.ts';

export const procedures = appRouter._def.procedures as unknown as Record<
  string,
  { _def: { inputs: { schema: z.ZodType }[]; meta?: { access: string }; type: string } }
>;
export const PATHS = Object.keys(procedures);
export const schemaOf = (path: string) => procedures[path]?._def.inputs[0]?.schema as z.ZodType;

export function call(path: string, caller: unknown, input: unknown): Promise<unknown> {
  const [area = '', name = ''] = path.split('.');
  return (caller as Record<string, Record<string, (input: unknown) => Promise<unknown>>>)[area]?.[name]?.(input) as Promise<unknown>;
}

/** Fields of plain text that name a thing, by their last name; ids are found by their schemas. */
const REFERENCES: Readonly<Record<string, readonly IdKind[]>> = {
  deployment: ['deployment'],
  deployments: ['deployment'],
  pool: ['workPool'],
  pools: ['workPool'],
  queue: ['workQueue'],
  queues: ['workQueue'],
  schedule: ['schedule'],
  schedules: ['schedule'],
  calendar: ['calendar'],
  flow: ['flow'],
  flows: ['flow'],
  agents: ['agent'],
  limit: ['limit'],
  of: ['limit'],
  automation: ['automation'],
  cursor: ['run', 'backfill', 'workPool', 'agent', 'bulkJob', 'deployment', 'flow', 'limit', 'automation', 'automationFiring'],
};
/** Texts of those names that make a thing of their own. */
export const OWN_NAMES = new Set(['deployments.deploy flow', 'deployments.plan flow']);

export type Field = {
  readonly path: readonly string[];
  readonly kinds: readonly IdKind[];
  readonly isSlug: boolean;
  /** What a field beside it must say for this one to be read so. */
  readonly beside?: { readonly path: readonly string[]; readonly value: unknown };
};
type Def = {
  type: string;
  shape?: Record<string, z.ZodType>;
  element?: z.ZodType;
  innerType?: z.ZodType;
  in?: z.ZodType;
  options?: readonly z.ZodType[];
  discriminator?: string;
  values?: readonly unknown[];
};

const KINDS = Object.keys(ID_PREFIX) as IdKind[];
const someUuid = uuidv7(Date.now());

/** Fields of a schema that take a reference. */
export function referencesOf(schema: z.ZodType, path: readonly string[] = []): Field[] {
  const def = schema._zod.def as unknown as Def;
  if (def.shape) return Object.entries(def.shape).flatMap(([key, inner]) => referencesOf(inner, [...path, key]));
  if (def.element) return referencesOf(def.element, [...path, '0']);
  if (def.innerType) return referencesOf(def.innerType, path);
  if (def.in) return referencesOf(def.in, path);
  if (def.options) {
    return def.options.flatMap((option) => {
      const { discriminator } = def;
      const literal = discriminator && (option._zod.def as unknown as Def).shape?.[discriminator];
      const fields = referencesOf(option, path);
      if (!discriminator || !literal) return fields;
      const beside = { path: [...path, discriminator], value: (literal._zod.def as unknown as Def).values?.[0] };
      return fields.map((field) => ({ beside, ...field }));
    });
  }
  if (def.type === 'custom') {
    const kinds = KINDS.filter((kind) => schema.safeParse(toId(kind, someUuid)).success);
    return [{ path, kinds, isSlug: false }];
  }
  const name = path.findLast((part) => part !== '0') ?? '';
  if (def.type !== 'string' || !Object.hasOwn(REFERENCES, name)) return [];
  const isSlug = !schema.safeParse(toId('deployment', someUuid)).success;
  return isSlug && name === 'cursor' ? [] : [{ path, kinds: REFERENCES[name] ?? [], isSlug }];
}

/** Every field of plain text. */
export function leavesOf(schema: z.ZodType, path: readonly string[] = []): (readonly string[])[] {
  const def = schema._zod.def as unknown as Def;
  if (def.shape) return Object.entries(def.shape).flatMap(([key, inner]) => leavesOf(inner, [...path, key]));
  if (def.element) return leavesOf(def.element, [...path, '0']);
  if (def.innerType) return leavesOf(def.innerType, path);
  if (def.in) return leavesOf(def.in, path);
  if (def.options) return def.options.flatMap((option) => leavesOf(option, path));
  return def.type === 'string' && path.length > 0 ? [path] : [];
}
