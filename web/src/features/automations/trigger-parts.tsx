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

const howOf = (trigger: SeveralDraft): How =>
  trigger.type === 'sequence' ? 'sequence' : typeof trigger.require === 'number' ? 'some' : trigger.require;

/** Several triggers put together: each part is one of events; parts that are several themselves are written as text. */
export function SeveralFields({ trigger, onChange, errorAt }: FieldsProps<SeveralDraft>) {
  const { triggers } = trigger;
  // What is typed lives in the fields: another order makes them anew.
  const [version, setVersion] = useState(0);
  const withinSeconds = trigger.withinSeconds ?? null;
  const set = (how: How, parts: PartDraft[], within: number | null, count = 2) => {
    const rest = { withinSeconds: within, triggers: parts };
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
      <div className="grid gap-4 sm:grid-cols-3">
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
          onChange={(within) => set(how, [...triggers], within || null, count)}
        />
      </div>
      <ol aria-label="Parts" className="space-y-3">
        {triggers.map((part, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a part has no name but its place; `version` tells orders apart.
          <li key={`${version} ${index}`} className="space-y-4 rounded-md border border-line bg-bg p-3">
            <div className="flex items-center gap-1">
              <Select
                aria-label={`Kind of part ${index + 1}`}
                className="!w-auto flex-1"
                value={kindOf(part)}
                onChange={(event) => setParts(triggers.with(index, TRIGGER_KINDS[event.target.value as 'reactive' | 'proactive'].start))}
              >
                <option value="reactive">{TRIGGER_KINDS.reactive.label}</option>
                <option value="proactive">{TRIGGER_KINDS.proactive.label}</option>
                {part.type !== 'event' && <option value="several">{TRIGGER_KINDS.several.label}</option>}
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
                  aria-label={`${word}: part ${index + 1}`}
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
            ) : (
              <Notice tone="info" title={triggerWords(part)}>
                Several triggers within several are written as text.
              </Notice>
            )}
          </li>
        ))}
      </ol>
      <Button disabled={triggers.length >= PARTS_MAX} onClick={() => setParts([...triggers, TRIGGER_KINDS.reactive.start])}>
        <Plus aria-hidden className="size-3.5" />
        Add a part
      </Button>
    </>
  );
}
