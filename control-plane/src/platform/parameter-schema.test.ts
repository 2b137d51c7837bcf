import { describe, expect, it } from 'vitest';
import { checkDefaults, checkParameters, checkSchema } from './parameter-schema.ts';

const SCHEMA = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  properties: {
    years: { type: 'array', items: { type: 'integer', minimum: 1900 }, minItems: 1 },
    city: { enum: ['Seattle', 'Berlin'] },
    at: { type: 'string', format: 'date-time' },
  },
  required: ['years'],
  additionalProperties: false,
};

describe('parameters', () => {
  it('that fit their schema have no issues', () => {
    expect(checkParameters(SCHEMA, { years: [2012], city: 'Seattle' })).toEqual([]);
    expect(checkParameters(null, { anything: true })).toEqual([]);
  });

  it('name each field, its value and what was expected', () => {
    expect(checkParameters(SCHEMA, { years: ['2012', 1800], city: 'Rome', at: 'noon', yaers: 1 })).toMatchInlineSnapshot(`
      [
        {
          "expected": "nothing: the schema has no such parameter",
          "field": "parameters.yaers",
          "received": "1",
        },
        {
          "expected": "integer",
          "field": "parameters.years.0",
          "received": ""2012"",
        },
        {
          "expected": ">= 1900",
          "field": "parameters.years.1",
          "received": "1800",
        },
        {
          "expected": "one of "Seattle","Berlin"",
          "field": "parameters.city",
          "received": ""Rome"",
        },
        {
          "expected": "text in the format date-time",
          "field": "parameters.at",
          "received": ""noon"",
        },
      ]
    `);
    expect(checkParameters(SCHEMA, {})).toEqual([{ field: 'parameters.years', expected: 'a value: it is required', received: 'nothing' }]);
  });

  it('given as defaults may leave out what a run completes, yet must match their part', () => {
    expect(checkDefaults(SCHEMA, {})).toEqual([]);
    expect(checkDefaults(SCHEMA, { city: 'Rome' })).toEqual([
      { field: 'parameters.city', expected: 'one of "Seattle","Berlin"', received: '"Rome"' },
    ]);
  });
});

describe('a schema', () => {
  it('that does not compile is refused with the reason', () => {
    expect(checkSchema({ type: 'object', properties: { a: { type: 'text' } } })[0]?.expected).toMatch(
      /^a JSON Schema of draft 2020-12 \(schema is invalid/,
    );
    expect(checkSchema({ type: 'object', properties: { a: { $ref: 'https://example.com/a' } } })[0]?.expected).toMatch(
      /can't resolve reference/,
    );
  });

  it('describes an object and is of bounded size', () => {
    expect(checkSchema({ type: 'array' })).toEqual([
      { field: 'parameterSchema.type', expected: '"object": parameters have names', received: '"array"' },
    ]);
    const [issue] = checkSchema({ type: 'object', description: 'x'.repeat(70_000) });
    expect(issue).toMatchObject({ field: 'parameterSchema', expected: 'at most 65536 bytes of JSON' });
  });

  it('with a pattern that never ends does not stop the process', () => {
    const schema = { type: 'object', properties: { a: { type: 'string', pattern: '^(a+)+$' } } };
    const slow = { a: `${'a'.repeat(50)}!` };
    const late = 'Checking the parameters against their schema took longer than 500 ms and was given up.';
    for (let strike = 1; strike <= 3; strike++) expect(() => checkParameters(schema, slow)).toThrow(late);
    expect(() => checkParameters(schema, slow)).toThrow('took too long before; mend its patterns and deploy again.');
  });
});
