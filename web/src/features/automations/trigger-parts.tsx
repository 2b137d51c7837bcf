'use client';
import { ArrowDown, ArrowUp, Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { Button } from '../../components/ui/button.tsx';
import { Field, Select } from '../../components/ui/field.tsx';
import { Notice } from '../../components/ui/notice.tsx';
import { kindOf, moved, PARTS_MAX, type PartDraft, type SeveralDraft, TRIGGER_KINDS } from './draft.ts';
import { EventFields, type FieldsProps, NumberField } from './trigger-fields.tsx';
import { triggerWords } from './trigger-words.ts';

const HOW = {
  all: 'All of them, in any order',
  sequence: 'All of them, in this order',
  any: 'Any of them',
  some: 'So many of them',
} as const;
type How = keyof typeof HOW;
type PartKind = 'reactive' | 'proactive' | 'several';

const howOf = (trigger: SeveralDraft): How =>
  trigger.type === 'sequence' ? 'sequence' : typeof trigger.require === 'number' ? 'some' : trigger.require;

/** So deep do parts hold parts in the form; deeper ones are written as text. */
const DEPTH_MAX = 3;

/** Several triggers put together: each part is one of events, or several again. `within`: the part that this is, such as `2.`. */
export function SeveralFields({ trigger, onChange, errorAt, within = '' }: FieldsProps<SeveralDraft> & { within?: string }) {
  const { triggers } = trigger;
  // What is typed lives in the fields: another order makes them anew.
  const [version, setVersion] = useState(0);
  const withinSeconds = trigger.withinSeconds ?? null;
  const mayNest = within.split('.').length < DEPTH_MAX;
  const set = (how: How, parts: PartDraft[], seconds: number | null, count = 2) => {
    const rest = { withinSeconds: seconds, triggers: parts };
    onChange(
      how === 'sequence'
        ? { type: 'sequence', ...rest }
        : { type: 'compound', require: how === 'some' ? Math.max(1, Math.min(count, parts.length)) : how, ...rest },
    );
  };
  const how = howOf(trigger);
  const count = trigger.type === 'compound' && typeof trigger.require === 'number' ? trigger.require : 2;
  const setParts = (parts: PartDraft[]) => set(how, parts, withinSeconds, count);
  const reorder = (order: readonly number[]) => {
    setVersion(version + 1);
    setParts(order.flatMap((index) => triggers[index] ?? []));
  };
  const indexes = triggers.map((_, index) => index);
  return (
    <>
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label="Fires on" error={errorAt('require')}>
          {(control) => (
            <Select {...control} value={how} onChange={(event) => set(event.target.value as How, [...triggers], withinSeconds, count)}>
              {Object.entries(HOW).map(([value, words]) => (
                <option key={value} value={value}>
                  {words}
                </option>
              ))}
            </Select>
          )}
        </Field>
        {how === 'some' && (
          <NumberField
            label="How many of them"
            error={null}
            min={1}
            max={triggers.length}
            value={count}
            onChange={(many) => set(how, [...triggers], withinSeconds, many)}
          />
        )}
        <NumberField
          label="Within, seconds (0: whenever)"
          error={errorAt('withinSeconds')}
          min={0}
          max={604_800}
          value={withinSeconds ?? 0}
          onChange={(seconds) => set(how, [...triggers], seconds || null, count)}
        />
      </div>
      <ol aria-label={within ? `Parts of part ${within.slice(0, -1)}` : 'Parts'} className="space-y-3">
        {triggers.map((part, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a part has no name but its place; `version` tells orders apart.
          <li key={`${version} ${index}`} className="space-y-4 rounded-md border border-line bg-bg p-3">
            <div className="flex items-center gap-1">
              <Select
                aria-label={`Kind of part ${within}${index + 1}`}
                className="!w-auto flex-1"
                value={kindOf(part)}
                onChange={(event) => setParts(triggers.with(index, TRIGGER_KINDS[event.target.value as PartKind].start))}
              >
                <option value="reactive">{TRIGGER_KINDS.reactive.label}</option>
                <option value="proactive">{TRIGGER_KINDS.proactive.label}</option>
                {(mayNest || part.type !== 'event') && <option value="several">{TRIGGER_KINDS.several.label}</option>}
              </Select>
              {(
                [
                  ['Earlier', ArrowUp, index === 0, moved(indexes, index, -1)],
                  ['Later', ArrowDown, index === triggers.length - 1, moved(indexes, index, 1)],
                  ['Remove', Trash2, triggers.length === 1, indexes.filter((each) => each !== index)],
                ] as const
              ).map(([word, Icon, isDisabled, order]) => (
                <Button
                  key={word}
                  size="icon"
                  variant="quiet"
                  aria-label={`${word}: part ${within}${index + 1}`}
                  disabled={isDisabled}
                  onClick={() => reorder(order)}
                >
                  <Icon aria-hidden className="size-3.5" />
                </Button>
              ))}
            </div>
            {part.type === 'event' ? (
              <EventFields
                key={kindOf(part)}
                isPart
                trigger={part}
                onChange={(changed) => setParts(triggers.with(index, changed))}
                errorAt={(field) => errorAt(`triggers.${index}.${field}`)}
              />
            ) : mayNest ? (
              <SeveralFields
                within={`${within}${index + 1}.`}
                trigger={part}
                onChange={(changed) => setParts(triggers.with(index, changed))}
                errorAt={(field) => errorAt(`triggers.${index}.${field}`)}
              />
            ) : (
              <Notice tone="info" title={triggerWords(part)}>
                What is as deep as this is written as text.
              </Notice>
            )}
          </li>
        ))}
      </ol>
      <Button disabled={triggers.length >= PARTS_MAX} onClick={() => setParts([...triggers, TRIGGER_KINDS.reactive.start])}>
        <Plus aria-hidden className="size-3.5" />
        Add a part{within && ` to part ${within.slice(0, -1)}`}
      </Button>
    </>
  );
}
