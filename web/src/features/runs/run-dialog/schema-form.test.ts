import { describe, expect, it } from 'vitest';
import { draftOf, readDraft } from './draft.ts';
import { schemaFields } from './schema-field.ts';

const object = (properties: Record<string, unknown>, required: string[] = []) => schemaFields({ type: 'object', properties, required });
const kinds = (properties: Record<string, unknown>) => {
  const form = object(properties);
  return form.kind === 'group' ? form.fields.map((field) => field.kind) : [];
};
/** Value after showing `parameters` in a form and reading it back. */
const roundTrip = (form: ReturnType<typeof schemaFields>, parameters: unknown) => readDraft(form, draftOf(form, parameters));

describe('a schema as a form', () => {
  it('has a control for every type', () => {
    expect(
      kinds({
        name: { type: 'string' },
        count: { type: 'integer' },
        ratio: { type: 'number' },
        dry: { type: 'boolean' },
        region: { enum: ['a', 'b'] },
        day: { type: 'string', format: 'date' },
        at: { type: 'string', format: 'date-time' },
        years: { type: 'array', items: { type: 'integer' } },
        contact: { type: 'object', properties: { email: { type: 'string' } } },
      }),
    ).toEqual(['text', 'number', 'number', 'boolean', 'choice', 'date', 'date-time', 'list', 'group']);
  });

  it('falls back to JSON for what a form cannot say', () => {
    expect(
      kinds({
        any: {},
        record: { type: 'object', additionalProperties: true },
        union: { anyOf: [{ type: 'string' }, { type: 'object' }] },
        tuple: { type: 'array', prefixItems: [] },
      }),
    ).toEqual(['json', 'json', 'json', 'json']);
    expect(schemaFields(null).kind).toBe('json');
  });

  it('follows references and ends where they go in circles', () => {
    const form = schemaFields({
      type: 'object',
      properties: { region: { $ref: '#/$defs/Region' }, tree: { $ref: '#' } },
      $defs: { Region: { enum: ['x'] } },
    });
    expect(form.kind === 'group' && form.fields[0]?.kind).toBe('choice');
  });

  it('reads null beside one type as "may be empty", and constants as a choice', () => {
    const form = object({
      note: { anyOf: [{ type: 'string' }, { type: 'null' }] },
      size: { oneOf: [{ const: 1 }, { const: 2 }] },
      old: { type: ['integer', 'null'] },
    });
    expect(form.kind === 'group' && form.fields).toMatchObject([
      { kind: 'text', isNullable: true },
      { kind: 'choice', options: [1, 2] },
      { kind: 'number', isNullable: true },
    ]);
  });
});

describe('a draft', () => {
  it('shows defaults and gives back what was put in', () => {
    const form = object(
      {
        years: { type: 'array', items: { type: 'integer' }, default: [2012] },
        threshold: { type: 'number', default: 10 },
        region: { enum: ['a', 'b'] },
        dry: { type: 'boolean' },
      },
      ['years', 'threshold', 'dry'],
    );
    expect(roundTrip(form, {})).toEqual({ value: { years: [2012], threshold: 10, dry: false }, issues: [] });
    expect(roundTrip(form, { years: [1, 2], threshold: 0, region: 'b', dry: true }).value).toEqual({
      years: [1, 2],
      threshold: 0,
      region: 'b',
      dry: true,
    });
  });

  it('names what is missing or out of bounds, by field', () => {
    const form = object(
      {
        years: { type: 'array', items: { type: 'integer', minimum: 2012 }, minItems: 1 },
        contact: { type: 'object', properties: { email: { type: 'string' } }, required: ['email'] },
      },
      ['years', 'contact'],
    );
    expect(readDraft(form, { years: ['2011', '1.5', 'x'], contact: { email: '' } }).issues).toEqual([
      { field: 'years.0', expected: 'at least 2012', received: '2011' },
      { field: 'years.1', expected: 'a whole number', received: '1.5' },
      { field: 'years.2', expected: 'a number', received: 'x' },
      { field: 'contact.email', expected: 'a value' },
    ]);
    expect(readDraft(form, { years: [], contact: { email: 'x' } }).issues).toEqual([{ field: 'years', expected: 'at least 1 entry' }]);
  });

  it('leaves out what nobody filled in', () => {
    const form = object({
      note: { type: 'string' },
      contact: { type: 'object', properties: { email: { type: 'string' } }, required: ['email'] },
      list: { type: 'array', items: {} },
    });
    expect(roundTrip(form, {})).toEqual({ value: {}, issues: [] });
  });

  it('says null when a default was cleared and null is allowed', () => {
    const form = object({ note: { type: ['string', 'null'], default: 'hello' }, free: { type: ['string', 'null'] } });
    expect(readDraft(form, { note: '', free: '' }).value).toEqual({ note: null });
  });

  it('keeps an instant the same through the reader’s time zone', () => {
    const form = object({ at: { type: 'string', format: 'date-time' } });
    expect(roundTrip(form, { at: '2026-01-31T08:00:05.000Z' }).value).toEqual({ at: '2026-01-31T08:00:05.000Z' });
  });

  it('takes JSON where there is no schema, and says when it is none', () => {
    const form = schemaFields(null);
    expect(roundTrip(form, { a: [1] }).value).toEqual({ a: [1] });
    expect(readDraft(form, '{').issues).toEqual([{ field: '', expected: 'valid JSON', received: '{' }]);
  });
});
