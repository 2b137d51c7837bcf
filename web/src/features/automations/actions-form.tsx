'use client';
import type { AutomationActionType } from '@signalbox/proto/api';
import { ArrowDown, ArrowUp, Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { Button } from '../../components/ui/button.tsx';
import { Field, Input, Select, Textarea } from '../../components/ui/field.tsx';
import { Menu, MenuItem } from '../../components/ui/menu.tsx';
import { ACTION_FORMS, ACTION_TYPES, type ActionField, newAction } from './action-fields.ts';
import { type ActionDraft, moved, withoutEmpty } from './draft.ts';
import { JsonField } from './json-field.tsx';

interface ActionsFormProps {
  label: string;
  hint: string;
  actions: readonly ActionDraft[];
  onChange: (actions: ActionDraft[]) => void;
  /** What is wrong with a field, by its path in the list: `0.url`. */
  errorAt: (field: string) => string | null;
}

export function ActionsForm({ label, hint, actions, onChange, errorAt }: ActionsFormProps) {
  // What is typed lives in the fields: another order makes them anew.
  const [version, setVersion] = useState(0);
  const reorder = (order: readonly number[]) => {
    setVersion(version + 1);
    onChange(order.flatMap((index) => actions[index] ?? []));
  };
  const indexes = actions.map((_, index) => index);
  return (
    <fieldset className="space-y-3">
      <legend className="text-sm font-semibold">{label}</legend>
      <p className="text-xs text-ink-3">{hint}</p>
      <ol className="space-y-3">
        {actions.map((action, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: an action has no name but its place; `version` tells orders apart.
          <li key={`${version} ${index}`} className="rounded-md border border-line bg-bg p-3">
            <div className="mb-3 flex items-center gap-1">
              <Select
                aria-label={`Kind of action ${index + 1}`}
                className="!w-auto flex-1"
                value={action.type}
                onChange={(event) => onChange(actions.with(index, newAction(event.target.value as AutomationActionType)))}
              >
                {ACTION_TYPES.map((type) => (
                  <option key={type} value={type}>
                    {ACTION_FORMS[type].label}
                  </option>
                ))}
              </Select>
              <Button
                size="icon"
                variant="quiet"
                aria-label={`Earlier: action ${index + 1}`}
                disabled={index === 0}
                onClick={() => reorder(moved(indexes, index, -1))}
              >
                <ArrowUp aria-hidden className="size-3.5" />
              </Button>
              <Button
                size="icon"
                variant="quiet"
                aria-label={`Later: action ${index + 1}`}
                disabled={index === actions.length - 1}
                onClick={() => reorder(moved(indexes, index, 1))}
              >
                <ArrowDown aria-hidden className="size-3.5" />
              </Button>
              <Button
                size="icon"
                variant="quiet"
                aria-label={`Remove action ${index + 1}`}
                onClick={() => reorder(indexes.filter((each) => each !== index))}
              >
                <Trash2 aria-hidden className="size-3.5" />
              </Button>
            </div>
            <div key={action.type} className="grid gap-3 sm:grid-cols-2">
              {ACTION_FORMS[action.type].fields.map((field) => (
                <ActionControl
                  key={field.name}
                  field={field}
                  value={(action as Record<string, unknown>)[field.name]}
                  error={errorAt(`${index}.${field.name}`)}
                  onChange={(value) => onChange(actions.with(index, withoutEmpty({ ...action, [field.name]: value }) as ActionDraft))}
                />
              ))}
            </div>
          </li>
        ))}
      </ol>
      <Menu
        trigger={
          <Button aria-label={`Add an action: ${label}`} disabled={actions.length >= 20}>
            <Plus aria-hidden className="size-3.5" />
            Add an action
          </Button>
        }
      >
        {ACTION_TYPES.map((type) => (
          <MenuItem key={type} onSelect={() => onChange([...actions, newAction(type)])}>
            {ACTION_FORMS[type].label}
          </MenuItem>
        ))}
      </Menu>
    </fieldset>
  );
}

interface ActionControlProps {
  field: ActionField;
  value: unknown;
  error: string | null;
  onChange: (value: unknown) => void;
}

function ActionControl({ field, value, error, onChange }: ActionControlProps) {
  const { label, hint, kind, isRequired = false } = field;
  if (kind === 'json')
    return (
      <div className="sm:col-span-2">
        <JsonField label={label} hint={hint} error={error} value={value} onChange={onChange} />
      </div>
    );
  const text = value === undefined || value === null ? '' : String(value);
  return (
    <Field label={label} hint={hint} error={error} isRequired={isRequired}>
      {(control) =>
        typeof kind !== 'string' ? (
          <Select {...control} value={text || kind[0]} onChange={(event) => onChange(event.target.value)}>
            {kind.map((choice) => (
              <option key={choice}>{choice}</option>
            ))}
          </Select>
        ) : kind === 'long' ? (
          <Textarea {...control} value={text} required={isRequired} onChange={(event) => onChange(event.target.value)} />
        ) : (
          <Input
            {...control}
            type={kind === 'number' ? 'number' : 'text'}
            min={0}
            spellCheck={false}
            autoComplete="off"
            required={isRequired}
            value={text}
            onChange={(event) =>
              onChange(kind === 'number' ? (event.target.value === '' ? undefined : event.target.valueAsNumber) : event.target.value)
            }
          />
        )
      }
    </Field>
  );
}
