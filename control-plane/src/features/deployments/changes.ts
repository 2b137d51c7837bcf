/** What a deploy changes, `field: before -> after`, in plain words. */
import { isDeepStrictEqual } from 'node:util';
import type { Deployment, deployInput } from '@signalbox/proto/api';
import type { z } from 'zod';
import { shorten } from '../../platform/errors.ts';
import type { Version } from './store.ts';

const MAX_VALUE_CHARACTERS = 120;

export function changesBetween(before: Deployment, stored: Version, input: z.output<typeof deployInput>, wanted: Version): string[] {
  const pairs: [field: string, before: unknown, after: unknown][] = [
    ['digest', stored.digest, wanted.digest],
    ['source', stored.source, wanted.source],
    ['pool', before.pool?.name ?? null, input.pool],
    ['queue', before.queue, input.queue],
    ['description', before.description, input.description],
    ['tags', before.tags, input.tags],
    ['parameterSchema', before.parameterSchema, input.parameterSchema],
    ['parameters', before.parameters, input.parameters],
    ['concurrencyLimit', before.concurrencyLimit, input.concurrencyLimit],
    ...configPairs(stored, wanted),
  ];
  return pairs.filter(([, a, b]) => !isDeepStrictEqual(a, b)).map(([field, a, b]) => `${field}: ${say(a)} -> ${say(b)}`);
}

/** Every field of the configuration that either side has. */
function configPairs(stored: Version, wanted: Version): [string, unknown, unknown][] {
  const fields = new Set([...Object.keys(stored.config), ...Object.keys(wanted.config)]) as Set<keyof Version['config']>;
  return [...fields].map((field) => [field, stored.config[field], wanted.config[field]]);
}

function say(value: unknown): string {
  if (value === null || value === undefined || value === '') return 'none';
  return shorten(typeof value === 'string' ? value : JSON.stringify(value), MAX_VALUE_CHARACTERS);
}
