import { describe, expect, it } from 'vitest';
import { formSchema, fromDraft, secretsOf, toDraft } from './secret-fields.ts';

const type = {
  schema: { type: 'object', properties: { host: { type: 'string' }, password: { type: 'string', minLength: 8, title: 'Password' } } },
  secretFields: ['password'],
};
const value = { host: 'x', password: { $secret: 'env:DB' } };

describe('secret fields of a block', () => {
  it('are entered as the text of their reference', () => {
    expect(formSchema(type)['properties']).toMatchObject({ host: { type: 'string' }, password: { type: 'string', title: 'Password' } });
    expect(JSON.stringify(formSchema(type))).not.toContain('minLength');
    expect(toDraft(value)).toEqual({ host: 'x', password: 'env:DB' });
  });

  it('are sent as references, and not at all where nothing was entered', () => {
    expect(fromDraft(type, toDraft(value))).toEqual(value);
    expect(fromDraft(type, { host: 'x', password: '' })).toEqual({ host: 'x' });
  });

  it('are told from what only looks like an object', () => {
    expect(secretsOf({ a: { $secret: 'env:X' }, b: { $secret: 5 }, c: null, d: 'env:X' })).toEqual([['a', 'env:X']]);
  });
});
