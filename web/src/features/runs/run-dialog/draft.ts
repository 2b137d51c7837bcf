/**
 * What stands in a form while somebody fills it in, and its way to parameters and back. Numbers, dates and JSON
 * are kept as typed, so that half a number is not lost; an empty control means "absent".
 */
import type { FieldIssue } from '@signalbox/proto';
import type { SchemaField } from './schema-field.ts';

export type Draft = string | boolean | null | Draft[] | { [name: string]: Draft };

/** The draft that shows `value`, or the field's default where there is none. */
export function draftOf(field: SchemaField, value: unknown): Draft {
  const given = value === undefined ? field.default : value;
  switch (field.kind) {
    case 'boolean':
      return typeof given === 'boolean' ? given : null;
    case 'choice': {
      const index = field.options.findIndex((option) => isSame(option, given));
      return index < 0 ? '' : String(index);
    }
    case 'list': {
      const items = Array.isArray(given) ? given : Array.from({ length: field.isRequired ? field.minItems : 0 }, () => undefined);
      return items.map((item) => draftOf(field.item, item));
    }
    case 'group': {
      const object = isObject(given) ? given : {};
      return Object.fromEntries(field.fields.map((each) => [each.name, draftOf(each, object[each.name])]));
    }
    case 'json':
      return given === undefined ? '' : JSON.stringify(given, null, 2);
    case 'date-time':
      return typeof given === 'string' ? toLocalInput(given) : '';
    default:
      return given === undefined || given === null ? '' : String(given);
  }
}

export interface Reading {
  /** `undefined`: absent. */
  readonly value: unknown;
  readonly issues: readonly FieldIssue[];
}

/** The value of a draft, and what is wrong with it, field by field. */
export function readDraft(field: SchemaField, draft: Draft, path = ''): Reading {
  if (field.kind === 'group') return readGroup(field, isObject(draft) ? (draft as Record<string, Draft>) : {}, path);
  if (field.kind === 'list') return readList(field, Array.isArray(draft) ? draft : [], path);
  const isEmpty = draft === '' || draft === null;
  if (isEmpty) {
    // Where something stood by default, clearing it has to be said; elsewhere, absent is enough.
    if (field.isNullable && (field.isRequired || (field.default !== undefined && field.default !== null)))
      return { value: null, issues: [] };
    if (!field.isRequired) return { value: undefined, issues: [] };
    if (field.kind === 'boolean') return { value: false, issues: [] };
    return { value: undefined, issues: [{ field: path, expected: 'a value' }] };
  }
  const [value, expected] = readSimple(field, draft);
  return {
    value,
    issues: expected === null ? [] : [{ field: path, expected, ...(typeof draft === 'string' ? { received: draft.slice(0, 80) } : {}) }],
  };
}

function readGroup(field: Extract<SchemaField, { kind: 'group' }>, draft: Record<string, Draft>, path: string): Reading {
  const readings = field.fields.map((each) => [each.name, readDraft(each, draft[each.name] ?? '', join(path, each.name))] as const);
  const present = readings.filter(([, reading]) => reading.value !== undefined);
  // A group nobody filled in is absent, and then misses nothing.
  if (present.length === 0 && !field.isRequired) return { value: undefined, issues: [] };
  return {
    value: Object.fromEntries(present.map(([name, reading]) => [name, reading.value])),
    issues: readings.flatMap(([, reading]) => reading.issues),
  };
}

function readList(field: Extract<SchemaField, { kind: 'list' }>, draft: readonly Draft[], path: string): Reading {
  if (draft.length === 0 && !field.isRequired && field.default === undefined) return { value: undefined, issues: [] };
  const readings = draft.map((item, index) => readDraft(field.item, item, join(path, String(index))));
  const issues = readings.flatMap((reading) => reading.issues);
  if (draft.length < field.minItems)
    issues.push({ field: path, expected: `at least ${field.minItems} ${field.minItems === 1 ? 'entry' : 'entries'}` });
  if (draft.length > field.maxItems) issues.push({ field: path, expected: `at most ${field.maxItems} entries` });
  return { value: readings.map((reading) => reading.value ?? null), issues };
}

/** A value, and what was expected instead (null: nothing, it fits). */
function readSimple(field: SchemaField, draft: Draft): [unknown, string | null] {
  const text = String(draft);
  switch (field.kind) {
    case 'boolean':
      return [draft === true, null];
    case 'choice':
      return [field.options[Number(text)], null];
    case 'number': {
      const value = Number(text.trim());
      if (text.trim() === '' || !Number.isFinite(value)) return [text, 'a number'];
      if (field.isInteger && !Number.isInteger(value)) return [value, 'a whole number'];
      if (field.min !== undefined && value < field.min) return [value, `at least ${field.min}`];
      if (field.max !== undefined && value > field.max) return [value, `at most ${field.max}`];
      if (field.above !== undefined && value <= field.above) return [value, `more than ${field.above}`];
      if (field.below !== undefined && value >= field.below) return [value, `less than ${field.below}`];
      return [value, null];
    }
    case 'text': {
      if (field.minLength !== undefined && text.length < field.minLength) return [text, `at least ${field.minLength} characters`];
      if (field.maxLength !== undefined && text.length > field.maxLength) return [text, `at most ${field.maxLength} characters`];
      if (field.pattern !== undefined && !fits(text, field.pattern)) return [text, `a text like ${field.pattern}`];
      return [text, null];
    }
    case 'date':
      return [text, /^\d{4}-\d{2}-\d{2}$/.test(text) ? null : 'a date such as 2026-01-31'];
    case 'date-time': {
      const date = new Date(text);
      return Number.isNaN(date.getTime()) ? [text, 'a date and a time'] : [date.toISOString(), null];
    }
    default:
      try {
        return [JSON.parse(text), null];
      } catch {
        return [text, 'valid JSON'];
      }
  }
}

/** An instant as `<input type="datetime-local">` wants it: in the reader's own zone, without one. */
export function toLocalInput(instant: string): string {
  const date = new Date(instant);
  if (Number.isNaN(date.getTime())) return '';
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}

/** A pattern of another dialect than ours is left to the server. */
function fits(text: string, pattern: string): boolean {
  try {
    return new RegExp(pattern, 'u').test(text);
  } catch {
    return true;
  }
}

export function join(path: string, name: string): string {
  return path ? `${path}.${name}` : name;
}

function isSame(one: unknown, other: unknown): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
