/**
 * A pool's template: which variables a job takes, with the pool's own values, and what the launcher is told. The
 * launcher's own template passes variables on as they are; a pool's may rename them and write them into texts.
 */
import type { FieldIssue } from '@signalbox/proto';
import type { PoolTemplate } from '@signalbox/proto/api';
import { mergeVariables } from './resolve.ts';

/** What each launcher is told, and how a template asks for it unless the pool says otherwise. */
export const LAUNCHER_TEMPLATES: Readonly<Record<string, PoolTemplate>> = {
  process: {
    variables: {
      type: 'object',
      properties: {
        env: {
          type: 'object',
          description: 'Environment variables; null takes one away.',
          additionalProperties: { type: ['string', 'number', 'boolean', 'null'] },
        },
        nodeArgs: { type: 'array', items: { type: 'string' }, description: 'Arguments for Node itself, --max-old-space-size=4096' },
        workingDirectory: { type: 'string', description: 'Where the process stands. Default: where its code lies.' },
      },
      additionalProperties: false,
    },
    job: { env: '{{ env }}', nodeArgs: '{{ nodeArgs }}', workingDirectory: '{{ workingDirectory }}' },
  },
};

/** The template in force: the pool's, else its launcher's. A launcher nobody knows takes what it is given. */
export function templateOf(launcher: string, own: PoolTemplate | null): PoolTemplate {
  return own ?? LAUNCHER_TEMPLATES[launcher] ?? { variables: { type: 'object' }, job: {} };
}

/** What of a template travels with claims; null: variables are passed on as they are. */
export type JobDefaults = { readonly variables: Record<string, unknown>; readonly job: Record<string, unknown> };

export function jobDefaultsOf(template: PoolTemplate): JobDefaults {
  return { variables: defaultsOf(template.variables), job: template.job };
}

/** The pool's own layer: `default` of each variable, and of the keys of `env`. */
export function defaultsOf(schema: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const defaults = propertiesOf(schema)
    .filter(([, property]) => property['default'] !== undefined)
    .map(([name, property]) => [name, property['default']]);
  return Object.fromEntries(defaults) as Record<string, unknown>;
}

/** What the launcher is told of a run, all layers merged. */
export function renderJob(
  pool: JobDefaults | null,
  ...layers: readonly (Readonly<Record<string, unknown>> | null | undefined)[]
): Record<string, unknown> {
  const variables = mergeVariables(pool?.variables, ...layers);
  return pool ? (render(pool.job, variables) as Record<string, unknown>) : variables;
}

const WHOLE = /^\{\{\s*([A-Za-z_][\w-]*)\s*\}\}$/;
const INSIDE = /\{\{\s*([A-Za-z_][\w-]*)\s*\}\}/g;

function render(part: unknown, variables: Readonly<Record<string, unknown>>): unknown {
  if (typeof part === 'string') {
    const whole = WHOLE.exec(part)?.[1];
    if (whole !== undefined) return read(variables, whole);
    return part.replace(INSIDE, (_text, name: string) => textOf(read(variables, name)));
  }
  // A text in a list whose variable is missing goes with it: no empty argument is left behind.
  if (Array.isArray(part)) return part.filter((item) => isGiven(item, variables)).map((item) => render(item, variables));
  if (typeof part !== 'object' || part === null) return part;
  const rendered = Object.entries(part).map(([key, value]) => [key, render(value, variables)] as const);
  return Object.fromEntries(rendered.filter(([, value]) => value !== undefined));
}

function isGiven(item: unknown, variables: Readonly<Record<string, unknown>>): boolean {
  return typeof item !== 'string' || [...item.matchAll(INSIDE)].every(([, name = '']) => read(variables, name) !== undefined);
}

function read(variables: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(variables, name) ? variables[name] : undefined;
}

function textOf(value: unknown): string {
  if (value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** What of a template cannot be, beside its schema: placeholders nobody declares, keys the launcher does not know. */
export function checkTemplate(launcher: string, template: PoolTemplate): FieldIssue[] {
  const declared = propertiesOf(template.variables).map(([name]) => name);
  const known = LAUNCHER_TEMPLATES[launcher]?.job;
  const unknownKeys = known ? Object.keys(template.job).filter((key) => !Object.hasOwn(known, key)) : [];
  const undeclared = [...new Set(placeholdersOf(template.job))].filter((name) => !declared.includes(name));
  const badNames = declared.filter((name) => !/^[A-Za-z_][A-Za-z0-9_-]*$/.test(name));
  return [
    ...unknownKeys.map((key) => ({
      field: `template.job.${key}`,
      expected: `a setting of the launcher "${launcher}": ${Object.keys(known ?? {}).join(', ')}`,
    })),
    ...undeclared.map((name) => ({
      field: 'template.job',
      expected: `variables that template.variables.properties declares (${declared.join(', ') || 'none'})`,
      received: `{{ ${name} }}`,
    })),
    ...badNames.map((name) => ({
      field: `template.variables.properties.${name}`,
      expected: 'a name of letters, digits, _ and -',
      received: JSON.stringify(name),
    })),
  ];
}

function placeholdersOf(part: unknown): string[] {
  if (typeof part === 'string') return [...part.matchAll(INSIDE)].map(([, name = '']) => name);
  if (typeof part !== 'object' || part === null) return [];
  return Object.values(part).flatMap(placeholdersOf);
}

function propertiesOf(schema: Readonly<Record<string, unknown>>): [string, Record<string, unknown>][] {
  const { properties } = schema as { properties?: unknown };
  if (typeof properties !== 'object' || properties === null) return [];
  return Object.entries(properties as Record<string, unknown>).filter(
    (entry): entry is [string, Record<string, unknown>] => typeof entry[1] === 'object' && entry[1] !== null,
  );
}
