'use client';
import { DEADLINES, METRIC_UNITS, METRICS, type TriggerInput } from '@signalbox/proto/api';
import { Field, Select } from '../../components/ui/field.tsx';
import { kindOf, type StateDraft, TRIGGER_KINDS, type TriggerKind } from './draft.ts';
import { EventFields, type FieldsProps, NumberField, WordsField } from './trigger-fields.tsx';
import { SeveralFields } from './trigger-parts.tsx';

export function TriggerForm({ trigger, onChange, errorAt }: FieldsProps<TriggerInput>) {
  const kind = kindOf(trigger);
  return (
    <div className="space-y-4">
      <Field label="When">
        {(control) => (
          <Select
            {...control}
            value={kind}
            onChange={(event) => onChange(TRIGGER_KINDS[event.target.value as TriggerKind].start as TriggerInput)}
          >
            {Object.entries(TRIGGER_KINDS).map(([key, { label }]) => (
              <option key={key} value={key}>
                {label}
              </option>
            ))}
          </Select>
        )}
      </Field>
      {trigger.type === 'event' ? (
        <EventFields key={kind} trigger={trigger} onChange={onChange} errorAt={errorAt} />
      ) : trigger.type === 'metric' || trigger.type === 'deadline' ? (
        <StateFields key={kind} trigger={trigger} onChange={onChange} errorAt={errorAt} />
      ) : (
        <SeveralFields trigger={trigger} onChange={onChange} errorAt={errorAt} />
      )}
    </div>
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
