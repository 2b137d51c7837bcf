'use client';
import { Plus, X } from 'lucide-react';
import { Button } from '../../../components/ui/button.tsx';
import { Field, type FieldControl, Input, Select, Textarea } from '../../../components/ui/field.tsx';
import { Switch } from '../../../components/ui/switch.tsx';
import { type Draft, draftOf, join } from './draft.ts';
import type { SchemaField } from './schema-field.ts';

interface SchemaFormProps {
  field: SchemaField;
  draft: Draft;
  onChange: (draft: Draft) => void;
  /** Text of what is wrong, by path: `years.0`. */
  errors: ReadonlyMap<string, string>;
  path?: string;
  /** An entry of a list: its place is its label. */
  isEntry?: boolean;
}

/** The controls of one field and all that is inside it. */
export function SchemaForm({ field, draft, onChange, errors, path = '', isEntry = false }: SchemaFormProps) {
  const error = errors.get(path) ?? null;
  if (field.kind === 'group') {
    const values = typeof draft === 'object' && draft !== null && !Array.isArray(draft) ? draft : {};
    const inner = field.fields.map((each) => (
      <SchemaForm
        key={each.name}
        field={each}
        draft={values[each.name] ?? ''}
        onChange={(next) => onChange({ ...values, [each.name]: next })}
        errors={errors}
        path={join(path, each.name)}
      />
    ));
    if (path === '') return <div className="space-y-4">{inner}</div>;
    return (
      <fieldset className="space-y-3 border-l-2 border-line pl-4">
        <legend className="-ml-4 mb-2 text-sm font-medium">
          {field.title}
          {field.isRequired && <span className="ml-1.5 text-2xs font-normal text-ink-3">required</span>}
        </legend>
        {field.description && <p className="text-xs text-ink-3">{field.description}</p>}
        {inner}
        {error && <p className="text-xs text-danger">{error}</p>}
      </fieldset>
    );
  }
  if (field.kind === 'list') return <ListField field={field} draft={draft} onChange={onChange} errors={errors} path={path} />;
  return (
    <Field
      label={field.title || 'Parameters'}
      hint={isEntry ? undefined : hintOf(field)}
      error={error}
      isRequired={field.isRequired && path !== ''}
      isLabelHidden={isEntry}
    >
      {(control) => <Control field={field} draft={draft} onChange={onChange} control={control} />}
    </Field>
  );
}

function Control({
  field,
  draft,
  onChange,
  control,
}: {
  field: SchemaField;
  draft: Draft;
  onChange: (draft: Draft) => void;
  control: FieldControl;
}) {
  const value = typeof draft === 'string' ? draft : '';
  const text = { ...control, value, onChange: (event: { target: { value: string } }) => onChange(event.target.value) };
  switch (field.kind) {
    case 'boolean':
      return (
        <div className="py-1">
          <Switch id={control.id} isOn={draft === true} onChange={onChange} />
        </div>
      );
    case 'choice':
      return (
        <Select {...text}>
          {(value === '' || !field.isRequired) && <option value="">{field.isRequired ? 'Choose' : 'None'}</option>}
          {field.options.map((option, index) => {
            const label = typeof option === 'string' ? option : JSON.stringify(option);
            return (
              <option key={label} value={index}>
                {label}
              </option>
            );
          })}
        </Select>
      );
    case 'number':
      return <Input {...text} inputMode={field.isInteger ? 'numeric' : 'decimal'} autoComplete="off" />;
    case 'date':
      return <Input {...text} type="date" />;
    case 'date-time':
      return <Input {...text} type="datetime-local" step={1} />;
    case 'json':
      return (
        <Textarea
          {...text}
          spellCheck={false}
          rows={field.name === '' ? 10 : 4}
          className="font-mono !text-xs"
          placeholder={field.name === '' ? '{}' : 'JSON'}
        />
      );
    case 'text':
      return field.isLong ? <Textarea {...text} /> : <Input {...text} type={field.inputType} autoComplete="off" />;
    default:
      return null;
  }
}

function ListField({
  field,
  draft,
  onChange,
  errors,
  path,
}: SchemaFormProps & { field: Extract<SchemaField, { kind: 'list' }>; path: string }) {
  const items = Array.isArray(draft) ? draft : [];
  const error = errors.get(path);
  const hint = [field.description, hintOf(field.item)].filter(Boolean).join('; ');
  return (
    <fieldset>
      <legend className="mb-1 text-sm font-medium">
        {field.title}
        {field.isRequired && <span className="ml-1.5 text-2xs font-normal text-ink-3">required</span>}
      </legend>
      {hint && <p className="mb-1.5 text-xs text-ink-3">{hint}</p>}
      <ol className="space-y-1.5">
        {items.map((item, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: entries have no identity but their place.
          <li key={index} className="flex items-start gap-1.5">
            <div className="min-w-0 flex-1">
              <SchemaForm
                isEntry
                field={{ ...field.item, title: `${field.title} ${index + 1}` }}
                draft={item}
                onChange={(next) => onChange(items.with(index, next))}
                errors={errors}
                path={join(path, String(index))}
              />
            </div>
            <Button
              variant="quiet"
              size="icon"
              className={field.item.kind === 'group' ? 'mt-6' : ''}
              aria-label={`Remove entry ${index + 1} of ${field.title}`}
              onClick={() => onChange(items.toSpliced(index, 1))}
            >
              <X aria-hidden className="size-3.5" />
            </Button>
          </li>
        ))}
      </ol>
      {items.length < field.maxItems && (
        <Button size="sm" variant="quiet" className="mt-1.5" onClick={() => onChange([...items, draftOf(field.item, undefined)])}>
          <Plus aria-hidden className="size-3.5" />
          Add
        </Button>
      )}
      {error && <p className="mt-1 text-xs text-danger">{error}</p>}
    </fieldset>
  );
}

function hintOf(field: SchemaField): string | undefined {
  const bounds =
    field.kind === 'number'
      ? [field.min !== undefined && `from ${field.min}`, field.max !== undefined && `to ${field.max}`].filter(Boolean).join(' ')
      : '';
  return [field.description, bounds].filter(Boolean).join('; ') || undefined;
}
