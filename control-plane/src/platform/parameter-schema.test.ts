import { monitorEventLoopDelay } from 'node:perf_hooks';
import { describe, expect, it } from 'vitest';
import { checkDefaults, checkMany, checkParameters, checkSchema } from './parameter-schema.ts';

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
  it('that fit their schema have no issues', async () => {
    expect(await checkParameters(SCHEMA, { years: [2012], city: 'Seattle' })).toEqual([]);
    expect(await checkParameters(null, { anything: true })).toEqual([]);
  });

  it('name each field, its value and what was expected', async () => {
    expect(await checkParameters(SCHEMA, { years: ['2012', 1800], city: 'Rome', at: 'noon', yaers: 1 })).toMatchInlineSnapshot(`
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
    expect(await checkParameters(SCHEMA, {})).toEqual([
      { field: 'parameters.years', expected: 'a value: it is required', received: 'nothing' },
    ]);
  });

  it('given as defaults may leave out what a run completes, yet must match their part', async () => {
    expect(await checkDefaults(SCHEMA, {})).toEqual([]);
    expect(await checkDefaults(SCHEMA, { city: 'Rome' })).toEqual([
      { field: 'parameters.city', expected: 'one of "Seattle","Berlin"', received: '"Rome"' },
    ]);
  });
});

describe('a schema', () => {
  it('that does not compile is refused with the reason', async () => {
    expect((await checkSchema({ type: 'object', properties: { a: { type: 'text' } } }))[0]?.expected).toMatch(
      /^a JSON Schema of draft 2020-12 \(schema is invalid/,
    );
    expect((await checkSchema({ type: 'object', properties: { a: { $ref: 'https://example.com/a' } } }))[0]?.expected).toMatch(
      /can't resolve reference/,
    );
  });

  it('describes an object and is of bounded size', async () => {
    expect(await checkSchema({ type: 'array' })).toEqual([
      { field: 'parameterSchema.type', expected: '"object": parameters have names', received: '"array"' },
    ]);
    const [issue] = await checkSchema({ type: 'object', description: 'x'.repeat(70_000) });
    expect(issue).toMatchObject({ field: 'parameterSchema', expected: 'at most 65536 bytes of JSON' });
  });

  it('with a pattern that never ends is given up, then rests, and blocks neither the event loop nor other schemas', async () => {
    const schema = { type: 'object', properties: { a: { type: 'string', pattern: '^(a+)+$' } } };
    const slow = { a: `${'a'.repeat(50)}!` };
    const late = 'Checking the parameters against their schema took longer than 500 ms and was given up.';
    expect(await checkParameters(schema, { a: 'a' })).toEqual([]);
    const loop = monitorEventLoopDelay({ resolution: 5 });
    loop.enable();
    const before = process.threadCpuUsage();
    await expect(checkParameters(schema, slow)).rejects.toThrow(late);
    // From its first overrun on it has a thread of its own: others do not wait behind it.
    const second = checkParameters(schema, slow);
    let ended = false;
    const strike = second.catch(() => {
      ended = true;
    });
    expect(await checkParameters(SCHEMA, { years: [2012] })).toEqual([]);
    expect(ended).toBe(false);
    await strike;
    await expect(checkParameters(schema, slow)).rejects.toThrow(late);
    loop.disable();
    await expect(checkParameters(schema, slow)).rejects.toThrow('took too long before; mend its patterns and deploy again.');
    // A machine that is busy makes this thread wait too, so one late turn proves nothing; its own time does.
    const { user, system } = process.threadCpuUsage(before);
    expect((user + system) / 1_000).toBeLessThan(150);
    expect(loop.percentile(95) / 1e6).toBeLessThan(50);
  });

  it('that was slow once and is quick again is trusted again', async () => {
    const schema = { type: 'object', properties: { b: { type: 'string', pattern: '^(b+)+$' } } };
    await expect(checkParameters(schema, { b: `${'b'.repeat(50)}!` })).rejects.toThrow('took longer than 500 ms');
    for (let time = 0; time < 4; time++) expect(await checkParameters(schema, { b: 'b' })).toEqual([]);
  });

  it('of many values answers each in its place', async () => {
    const issues = await checkMany(SCHEMA, [{ years: [2012] }, { years: [1] }, { years: [2013] }]);
    expect(issues.map((list) => list.length)).toEqual([0, 1, 0]);
  });
});
