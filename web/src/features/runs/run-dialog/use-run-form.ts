import type { FieldIssue } from '@signalbox/proto';
import type { Deployment } from '@signalbox/proto/api';
import { useMemo, useState } from 'react';
import { issuesUnder } from '../../../lib/trpc/errors.ts';
import { type Draft, draftOf, readDraft } from './draft.ts';
import { schemaFields } from './schema-field.ts';

export type FormMode = 'form' | 'json';

/**
 * State of a form made from a schema (parameters of a run, input of a pause): one draft with two views of it, and what is
 * wrong with it. `prefix` is what the API calls the whole.
 */
export function useRunForm(deployment: Pick<Deployment, 'parameterSchema' | 'parameters'>, initial: unknown, prefix = 'parameters') {
  const form = useMemo(() => schemaFields(deployment.parameterSchema), [deployment.parameterSchema]);
  const whole = useMemo(() => schemaFields(null), []);
  const start = useMemo(() => ({ ...deployment.parameters, ...(isObject(initial) ? initial : {}) }), [deployment.parameters, initial]);
  const [mode, setMode] = useState<FormMode>(form.kind === 'group' ? 'form' : 'json');
  const [draft, setDraft] = useState<Draft>(() => draftOf(form.kind === 'group' ? form : whole, start));
  const [issues, setIssues] = useState<readonly FieldIssue[]>([]);
  const field = mode === 'form' ? form : whole;

  /** The other view of the same parameters; refused while what is typed cannot be carried over. */
  const switchTo = (next: FormMode) => {
    if (next === mode) return;
    const reading = readDraft(field, draft);
    if (mode === 'json' && reading.issues.length > 0) return setIssues(reading.issues);
    setIssues([]);
    setDraft(draftOf(next === 'form' ? form : whole, reading.value ?? {}));
    setMode(next);
  };

  /** Parameters to send, or null when something has to be corrected first. */
  const read = (): Record<string, unknown> | null => {
    const reading = readDraft(field, draft);
    const found = [...reading.issues];
    if (found.length === 0 && reading.value !== undefined && !isObject(reading.value)) found.push({ field: '', expected: 'a JSON object' });
    setIssues(found);
    return found.length === 0 ? (isObject(reading.value) ? reading.value : {}) : null;
  };

  const errors = useMemo(() => {
    const map = new Map<string, string>();
    // As JSON there is one control: everything that is wrong is said below it.
    for (const issue of issues) {
      const key = mode === 'json' ? '' : issue.field;
      const sentence = `Expected ${issue.expected}${issue.received === undefined ? '' : `, got ${issue.received}`}.`;
      const named = mode === 'json' && issue.field ? `${issue.field}: ${sentence}` : sentence;
      map.set(key, map.has(key) ? `${map.get(key)} ${named}` : named);
    }
    return map;
  }, [issues, mode]);

  return {
    field,
    mode,
    hasForm: form.kind === 'group',
    draft,
    setDraft,
    switchTo,
    read,
    errors,
    /** What the server refused, shown at the fields it names. */
    refuse: (all: readonly FieldIssue[]) => setIssues(issuesUnder(prefix, all)),
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
