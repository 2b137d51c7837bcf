'use client';
import { DEADLINES, METRIC_UNITS, METRICS, type TriggerInput } from '@signalbox/proto/api';
import { Field, Input, Select } from '../../components/ui/field.tsx';
import { Notice } from '../../components/ui/notice.tsx';
import { type EventDraft, kindOf, relatedOf, type StateDraft, TRIGGER_KINDS, type TriggerKind, wordsOf } from './draft.ts';
import { LabelsField } from './labels-field.tsx';
import { triggerWords } from './trigger-words.ts';

interface TriggerFormProps {
  trigger: TriggerInput;
  onChange: (trigger: TriggerInput) => void;
  /** What is wrong with a field, by its path in the trigger. */
  errorAt: (field: string) => string | null;
}

export function TriggerForm({ trigger, onChange, errorAt }: TriggerFormProps) {
  const kind = kindOf(trigger);
  return (
    <div className="space-y-4">
      <Field label="When">
        {(control) => (
          <Select
            {...control}
            value={kind ?? 'several'}
            onChange={(event) => onChange(TRIGGER_KINDS[event.target.value as TriggerKind].start as TriggerInput)}
          >
            {Object.entries(TRIGGER_KINDS).map(([key, { label }]) => (
              <option key={key} value={key}>
                {label}
              </option>
            ))}
            {kind === null && <option value="several">Several triggers together</option>}
          </Select>
        )}
      </Field>
      {trigger.type === 'event' ? (
        <EventFields key={kind} trigger={trigger} onChange={onChange} errorAt={errorAt} />
      ) : trigger.type === 'metric' || trigger.type === 'deadline' ? (
        <StateFields key={kind} trigger={trigger} onChange={onChange} errorAt={errorAt} />
      ) : (
        <Notice tone="info" title={triggerWords(trigger)}>
          Several triggers together are written as text.
        </Notice>
      )}
    </div>
  );
}

type FieldsProps<T> = Omit<TriggerFormProps, 'trigger'> & { trigger: T };

function EventFields({ trigger, onChange, errorAt }: FieldsProps<EventDraft>) {
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
      {isProactive && (
        <WordsField
          label="After"
          hint="Events that open the window. Empty: it opens by itself, again and again."
          error={errorAt('after')}
          words={trigger.after}
          onChange={(after) => set({ after })}
        />
      )}
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
      {!isProactive && (
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

const CONDITION_WORDS: Record<(typeof DEADLINES)[number], string> = {
  'running-longer-than': 'A run has been running for longer than',
  'not-started-by': 'A run has not started, so long after it was due',
  'no-success-within': 'No run of a deployment completed for',
};

function StateFields({ trigger, onChange, errorAt }: FieldsProps<StateDraft>) {
  const about = trigger.about ?? {};
  const setAbout = (change: object) => onChange({ ...trigger, about: { ...about, ...change } });
  return (
    <>
      {trigger.type === 'metric' ? (
        <>
          <Field label="Figure" hint={METRIC_UNITS[trigger.metric]} error={errorAt('metric')}>
            {(control) => (
              <Select
                {...control}
                value={trigger.metric}
                onChange={(event) => onChange({ ...trigger, metric: event.target.value as typeof trigger.metric })}
              >
                {METRICS.map((metric) => (
                  <option key={metric}>{metric}</option>
                ))}
              </Select>
            )}
          </Field>
          <div className="grid gap-4 sm:grid-cols-3">
            <Field label="Is" error={errorAt('operator')}>
              {(control) => (
                <Select
                  {...control}
                  value={trigger.operator}
                  onChange={(event) => onChange({ ...trigger, operator: event.target.value as typeof trigger.operator })}
                >
                  {['<', '<=', '>', '>='].map((operator) => (
                    <option key={operator}>{operator}</option>
                  ))}
                </Select>
              )}
            </Field>
            <NumberField
              label="Than"
              error={errorAt('threshold')}
              min={0}
              max={1_000_000_000}
              step="any"
              value={trigger.threshold}
              onChange={(threshold) => onChange({ ...trigger, threshold })}
            />
            <Field label="Of each" error={errorAt('each')}>
              {(control) => (
                <Select
                  {...control}
                  value={trigger.each ?? ''}
                  onChange={(event) => onChange({ ...trigger, each: (event.target.value || null) as typeof trigger.each })}
                >
                  <option value="">All together</option>
                  <option value="deployment">Deployment</option>
                  <option value="pool">Work pool</option>
                </Select>
              )}
            </Field>
            <NumberField
              label="Taken over, seconds"
              error={errorAt('rangeSeconds')}
              min={60}
              max={86_400}
              value={trigger.rangeSeconds ?? 300}
              onChange={(rangeSeconds) => onChange({ ...trigger, rangeSeconds })}
            />
            <NumberField
              label="And so for, seconds"
              error={errorAt('forSeconds')}
              min={0}
              max={86_400}
              value={trigger.forSeconds ?? 0}
              onChange={(forSeconds) => onChange({ ...trigger, forSeconds })}
            />
            <NumberField
              label="Of at least, runs"
              error={errorAt('leastRuns')}
              min={1}
              max={100_000}
              value={trigger.leastRuns ?? 1}
              onChange={(leastRuns) => onChange({ ...trigger, leastRuns })}
            />
          </div>
        </>
      ) : (
        <div className="grid gap-4 sm:grid-cols-[2fr_1fr]">
          <Field label="Deadline" error={errorAt('condition')}>
            {(control) => (
              <Select
                {...control}
                value={trigger.condition}
                onChange={(event) => onChange({ ...trigger, condition: event.target.value as typeof trigger.condition })}
              >
                {DEADLINES.map((condition) => (
                  <option key={condition} value={condition}>
                    {CONDITION_WORDS[condition]}
                  </option>
                ))}
              </Select>
            )}
          </Field>
          <NumberField
            label="Seconds"
            error={errorAt('seconds')}
            min={10}
            max={2_678_400}
            value={trigger.seconds}
            onChange={(seconds) => onChange({ ...trigger, seconds })}
          />
        </div>
      )}
      <div className="grid gap-4 sm:grid-cols-3">
        <WordsField
          label="Deployments"
          hint="weather/*. Empty: all."
          error={errorAt('about.deployments')}
          words={about.deployments}
          onChange={(deployments) => setAbout({ deployments })}
        />
        <WordsField
          label="Work pools"
          hint="Empty: all."
          error={errorAt('about.pools')}
          words={about.pools}
          onChange={(pools) => setAbout({ pools })}
        />
        <WordsField
          label="Tags"
          hint="One must be there. Empty: any."
          error={errorAt('about.tags')}
          words={about.tags}
          onChange={(tags) => setAbout({ tags })}
        />
      </div>
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

function WordsField({ label, hint, error, words, onChange }: WordsFieldProps) {
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

function NumberField({ label, error, value, onChange, ...bounds }: NumberFieldProps) {
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
