/**
 * The thread that compiles and runs what tenants wrote: JSON Schemas with their patterns. It may be ended at any
 * instant by platform/schema-checks.ts, so it holds nothing but validators, which are made again when they are asked for.
 *
 * Says `ready` once, then for each job `compiled` (the clock of the check begins there) and `done`.
 */
import { parentPort } from 'node:worker_threads';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { SchemaJob, SchemaWorkerMessage } from './schema-checks.ts';
import { issuesOf, withoutIncomplete } from './schema-issues.ts';

const MAX_REMEMBERED = 500;

const remembered = new Map<string, ValidateFunction>();
const say = (message: SchemaWorkerMessage) => parentPort?.postMessage(message);

parentPort?.on('message', (job: SchemaJob) => {
  let validate: ValidateFunction;
  try {
    validate = validatorOf(job.schema);
  } catch (error) {
    say({ kind: 'done', unusable: (error instanceof Error ? error.message : String(error)).slice(0, 300) });
    return;
  }
  say({ kind: 'compiled' });
  const issues = job.values.map((value) => {
    if (validate(value)) return [];
    const errors = validate.errors ?? [];
    return issuesOf(job.mode === 'defaults' ? withoutIncomplete(errors) : errors, value);
  });
  say({ kind: 'done', issues });
});
say({ kind: 'ready' });

function validatorOf(key: string): ValidateFunction {
  const known = remembered.get(key);
  if (known) return known;
  // A validator each: two tenants' schemas may carry the same $id.
  const { $schema: _draft, $id: _id, ...rest } = JSON.parse(key) as Record<string, unknown>;
  const ajv = new Ajv2020({ strict: false, allErrors: true, logger: false, validateSchema: true });
  addFormats.default(ajv);
  const validate = ajv.compile(rest);
  remembered.set(key, validate);
  if (remembered.size > MAX_REMEMBERED) remembered.delete(remembered.keys().next().value as string);
  return validate;
}
