/** Each YAML and JSON document of the manual is one that the system takes or gives, with no field that it would leave out. */
import { errorBodySchema } from '@signalbox/proto';
import {
  automationDefinitionSchema,
  createWebhookInput,
  eventSchema,
  poolTemplateSchema,
  triggerSchema,
  webhookTemplateSchema,
} from '@signalbox/proto/api';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import type { z } from 'zod';
import { checkTemplate } from '../../control-plane/src/domain/layers/pool-template.ts';
import { problemOfTemplate } from '../../control-plane/src/features/automations/templates/render.ts';
import { codeBlocks } from './code-blocks.ts';

type Document = Readonly<Record<string, unknown>>;
const trigger = { type: 'event', expect: ['run.Failed'] };

/** What a document is, told by its fields: the schema, and the document made whole where the manual shows a part. */
const KINDS: readonly [is: (it: Document) => boolean, schema: z.ZodType, whole?: (it: Document) => unknown][] = [
  [(it) => 'onTrigger' in it, automationDefinitionSchema, (it) => ({ name: 'a part', trigger, ...it })],
  [(it) => it['type'] === 'event', triggerSchema],
  [(it) => 'position' in it, eventSchema, (it) => ({ id: '1', receivedAt: it['occurredAt'], follows: null, ...it })],
  [(it) => 'job' in it, poolTemplateSchema],
  [
    (it) => 'preset' in it,
    createWebhookInput,
    ({ verify, ...it }) => ({ ...it, verify: { secret: 'of the environment', ...(verify as Document) } }),
  ],
  [(it) => 'payload' in it, webhookTemplateSchema],
  [(it) => 'code' in it, errorBodySchema],
];

const documents = codeBlocks()
  .filter(({ language }) => ['yaml', 'yml', 'json'].includes(language))
  .map(({ place, text }) => ({ place, text, document: parse(text) as Document }));

/** Names of all fields, also of what lies in lists. */
function fieldsOf(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const names = Array.isArray(value) ? [] : Object.keys(value);
  return [...names, ...Object.values(value).flatMap(fieldsOf)];
}

test.each(documents)('$place', ({ document }) => {
  const kind = KINDS.find(([is]) => is(document));
  if (!kind) throw new Error('expected a document that this test knows');
  const [, schema, whole = (it) => it] = kind;
  // The command line puts a secret in the place of the name of its variable.
  const kept = new Set(['secretEnv', ...fieldsOf(schema.parse(whole(document)))]);
  expect(fieldsOf(document).filter((field) => !kept.has(field))).toEqual([]);
});

test('templates of automations can be filled in, and a pool declares what its job names', () => {
  const texts = documents.filter(({ document }) => 'onTrigger' in document).map(({ text }) => text);
  expect(texts.length).toBeGreaterThan(10);
  expect(texts.map(problemOfTemplate).filter((problem) => problem !== null)).toEqual([]);
  const pools = documents.filter(({ document }) => 'job' in document);
  expect(pools.flatMap(({ document }) => checkTemplate('process', poolTemplateSchema.parse(document)))).toEqual([]);
});
