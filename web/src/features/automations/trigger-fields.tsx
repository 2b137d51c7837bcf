'use client';
import { Field, Input } from '../../components/ui/field.tsx';
import { Notice } from '../../components/ui/notice.tsx';
import { type EventDraft, relatedOf, wordsOf } from './draft.ts';
import { LabelsField } from './labels-field.tsx';

export interface FieldsProps<T> {
  trigger: T;
  onChange: (trigger: T) => void;
  /** What is wrong with a field, by its path in the trigger. */
  errorAt: (field: string) => string | null;
}

/** `isPart`: of several together, which have no end of their own. */
export function EventFields({ trigger, onChange, errorAt, isPart = false }: FieldsProps<EventDraft> & { isPart?: boolean }) {
  const set = (change: Partial<EventDraft>) => onChange({ ...trigger, ...change });
  const isProactive = trigger.posture === 'proactive';
  const related = relatedOf(trigger);
  return (
    <>
      <WordsField
        label={isProactive ? 'Events that are awaited' : 'Names of events'}
        hint="Apart by spaces; * stands for any text: run.Failed run.Crashed"
        error={errorAt('expect')}
        words={trigger.expect}
        onChange={(expect) => set({ expect })}
      />
      <WordsField
        label="After"
        hint={
          isProactive
            ? 'Events that open the window. Empty: it opens by itself, again and again.'
            : 'Events that must come before, each time anew. Empty: none need.'
        }
        error={errorAt('after')}
        words={trigger.after}
        onChange={(after) => set({ after })}
      />
      <LabelsField
        label="Of what"
        hint="A line for each label of the thing: name = nightly-*. Empty: of anything."
        error={errorAt('match')}
        value={trigger.match}
        onChange={(match) => set({ match })}
      />
      {related.length <= 1 ? (
        <LabelsField
          label="That had to do with"
          hint="Of the flow, deployment, work pool or tag: role = deployment, and on the next line path = weather/*"
          error={errorAt('matchRelated')}
          value={related[0]}
          onChange={(match) => set({ matchRelated: Object.keys(match).length > 0 ? [match] : [] })}
        />
      ) : (
        <Notice tone="info" title="Several related things must fit">
          They are written as text.
        </Notice>
      )}
      <div className="grid gap-4 sm:grid-cols-3">
        <NumberField
          label={isProactive ? 'Fewer than' : 'How many'}
          error={errorAt('threshold')}
          min={1}
          max={1_000}
          value={trigger.threshold ?? 1}
          onChange={(threshold) => set({ threshold })}
        />
        <NumberField
          label="Within, seconds"
          error={errorAt('withinSeconds')}
          min={0}
          max={604_800}
          value={trigger.withinSeconds ?? 0}
          onChange={(withinSeconds) => set({ withinSeconds })}
        />
        <WordsField
          label="Counted for each"
          hint="id, or related:deployment:id"
          error={errorAt('forEach')}
          words={trigger.forEach}
          onChange={(forEach) => set({ forEach })}
        />
      </div>
      {!isPart && (
        <WordsField
          label="Over when"
          hint="Events that end it, such as run.Completed: until one comes it fires once for each. Empty: it fires every time."
          error={errorAt('resolveOn')}
          words={trigger.resolveOn?.expect}
          onChange={(expect) => set({ resolveOn: expect.length > 0 ? { ...trigger.resolveOn, expect } : null })}
        />
      )}
    </>
  );
}

interface WordsFieldProps {
  label: string;
  hint: string;
  error: string | null;
  words: readonly string[] | undefined;
  onChange: (words: string[]) => void;
}

export function WordsField({ label, hint, error, words, onChange }: WordsFieldProps) {
  return (
    <Field label={label} hint={hint} error={error}>
      {(control) => (
        <Input
          {...control}
          spellCheck={false}
          autoComplete="off"
          defaultValue={words?.join(' ') ?? ''}
          onChange={(event) => onChange(wordsOf(event.target.value))}
        />
      )}
    </Field>
  );
}

interface NumberFieldProps {
  label: string;
  error: string | null;
  min: number;
  max: number;
  step?: 'any';
  value: number;
  onChange: (value: number) => void;
}

export function NumberField({ label, error, value, onChange, ...bounds }: NumberFieldProps) {
  return (
    <Field label={label} error={error}>
      {(control) => (
        <Input
          {...control}
          {...bounds}
          type="number"
          required
          inputMode="decimal"
          defaultValue={value}
          onChange={(event) => !Number.isNaN(event.target.valueAsNumber) && onChange(event.target.valueAsNumber)}
        />
      )}
    </Field>
  );
}
