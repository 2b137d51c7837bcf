/**
 * The one table of what can be said of a deployment, and by whom: code, a person, a schedule, a run. The control plane
 * merges and checks by it, the command line reads values by it, the documents and the golden table are made from it.
 *
 * A *path* names what is set: a field (`timeoutMs`), or one key of a field that is a map (`parameters.city`,
 * `variables.env.HOME`). Absent and empty differ: a path that a layer does not name is left to the layers below.
 *
 * @see docs/concepts/layers.md
 */
import { z } from 'zod';
import { retryPolicySchema } from '../messages/claim.ts';
import { durationMsSchema } from '../time.ts';
import { concurrencySchema } from './concurrency.ts';
import { slugSchema, tagSchema } from './page.ts';

/** Lowest first: what a later one says lies over what an earlier one says. `default` is no layer, it is what is left. */
export const LAYERS = ['pool', 'code', 'overlay', 'schedule', 'run'] as const;
export type Layer = (typeof LAYERS)[number];

/** A JSON Schema (draft 2020-12) of an object; the Run dialog's form is made from it. */
export const parameterSchemaSchema = z.record(z.string(), z.unknown());

/** How layers meet. `append`: an overlay replaces what code says, schedules and runs add to it. */
export type MergeRule = 'replace' | 'merge-by-key' | 'append';

export interface DeploymentField {
  /** Of a whole value, as code gives it. */
  readonly schema: z.ZodType;
  /** Which layers may set it, lowest first. */
  readonly layers: readonly Layer[];
  readonly default: unknown;
  readonly merge: MergeRule;
  /** Keys that are maps themselves, merged by their own keys. */
  readonly nested?: readonly string[];
  /** `duration`: milliseconds; people may write `10m`. `text`: taken as it stands. `json`: anything else. */
  readonly input: 'text' | 'json' | 'duration';
  /** Read by dispatch for every run that has not started, or by whoever makes a run. */
  readonly reaches: 'waiting runs' | 'new runs' | 'the deployment';
  readonly about: string;
}

const CODE = ['code', 'overlay'] as const;

export const DEPLOYMENT_FIELDS = {
  description: {
    schema: z.string().max(10_000),
    layers: CODE,
    default: '',
    merge: 'replace',
    input: 'text',
    reaches: 'the deployment',
    about: 'What it is for.',
  },
  paused: {
    schema: z.boolean(),
    layers: ['overlay'],
    default: false,
    merge: 'replace',
    input: 'json',
    reaches: 'waiting runs',
    about: 'Whether its runs wait. People alone say so.',
  },
  pool: {
    schema: slugSchema,
    layers: CODE,
    default: null,
    merge: 'replace',
    input: 'text',
    reaches: 'new runs',
    about: 'Work pool whose agents run it.',
  },
  queue: {
    schema: slugSchema,
    layers: CODE,
    default: 'default',
    merge: 'replace',
    input: 'text',
    reaches: 'new runs',
    about: 'Queue of the pool.',
  },
  tags: {
    schema: z.array(tagSchema).max(50),
    layers: ['code', 'overlay', 'run'],
    default: [],
    merge: 'append',
    input: 'json',
    reaches: 'new runs',
    about: 'Labels of its runs. A run adds its own.',
  },
  parameterSchema: {
    schema: parameterSchemaSchema.nullable(),
    layers: ['code'],
    default: null,
    merge: 'replace',
    input: 'json',
    reaches: 'new runs',
    about: 'JSON Schema that parameters are checked against.',
  },
  parameters: {
    schema: z.record(z.string().min(1).max(200), z.unknown()),
    layers: ['code', 'overlay', 'schedule', 'run'],
    default: {},
    merge: 'merge-by-key',
    input: 'json',
    reaches: 'new runs',
    about: 'Defaults, under what a schedule or a run gives.',
  },
  concurrencyLimit: {
    schema: z.number().int().min(1).max(100_000).nullable(),
    layers: CODE,
    default: null,
    merge: 'replace',
    input: 'json',
    reaches: 'waiting runs',
    about: 'Most runs at once; null: no limit.',
  },
  concurrency: {
    schema: concurrencySchema.nullable(),
    layers: CODE,
    default: null,
    merge: 'replace',
    input: 'json',
    reaches: 'waiting runs',
    about: 'Most runs at once by a key of the parameters, and what a run does that finds no slot.',
  },
  retry: {
    schema: retryPolicySchema,
    layers: CODE,
    default: { retries: 0, delaysMs: [0] },
    merge: 'replace',
    input: 'json',
    reaches: 'waiting runs',
    about: 'How often a failed run is tried again, and after which delays.',
  },
  timeoutMs: {
    schema: durationMsSchema.min(1).nullable(),
    layers: CODE,
    default: null,
    merge: 'replace',
    input: 'duration',
    reaches: 'waiting runs',
    about: 'After which a run is ended; null: never.',
  },
  graceMs: {
    schema: durationMsSchema.max(3_600_000),
    layers: CODE,
    default: 30_000,
    merge: 'replace',
    input: 'duration',
    reaches: 'waiting runs',
    about: 'Time between asking a run to end and killing it.',
  },
  startTimeoutMs: {
    schema: durationMsSchema.min(1_000).max(86_400_000).nullable(),
    layers: CODE,
    default: null,
    merge: 'replace',
    input: 'duration',
    reaches: 'waiting runs',
    about: 'How long an agent may take to start a run; null: as the launcher has it (process 60 s).',
  },
  isolation: {
    schema: z.enum(['fresh', 'reuse']),
    layers: CODE,
    default: 'fresh',
    merge: 'replace',
    input: 'text',
    reaches: 'waiting runs',
    about: 'A process for each run, or one for many.',
  },
  onLostAgent: {
    schema: z.enum(['crash', 'retry', 'requeue']),
    layers: CODE,
    default: 'crash',
    merge: 'replace',
    input: 'text',
    reaches: 'waiting runs',
    about: 'What becomes of a run whose agent is lost.',
  },
  variables: {
    schema: z.record(
      z
        .string()
        .regex(/^[A-Za-z_][A-Za-z0-9_-]*$/, 'expected a name of letters, digits, _ and -')
        .max(100),
      z.unknown(),
    ),
    layers: ['pool', 'code', 'overlay', 'run'],
    default: {},
    merge: 'merge-by-key',
    nested: ['env'],
    input: 'json',
    reaches: 'waiting runs',
    about: "What the pool's job template asks for (process: env, nodeArgs, workingDirectory).",
  },
} as const satisfies Record<string, DeploymentField>;

export type FieldName = keyof typeof DEPLOYMENT_FIELDS;
export const FIELD_NAMES = Object.keys(DEPLOYMENT_FIELDS) as FieldName[];

/** What code says of a deployment: fields it does not name are left to the other layers. */
export type CodeLayer = { [F in FieldName]?: z.output<(typeof DEPLOYMENT_FIELDS)[F]['schema']> | undefined };
/** Every field's value once all layers are merged. */
export type FieldValues = { [F in Exclude<FieldName, 'pool'>]: z.output<(typeof DEPLOYMENT_FIELDS)[F]['schema']> } & {
  pool: string | null;
};

/** The table's row of a name, or null. */
export function findField(name: string): DeploymentField | null {
  return Object.hasOwn(DEPLOYMENT_FIELDS, name) ? DEPLOYMENT_FIELDS[name as FieldName] : null;
}

/** Whether a person may set it over code, by field name. */
export function isOverridable(name: string): boolean {
  return findField(name)?.layers.includes('overlay') ?? false;
}
