import { describe, expect, test } from 'vitest';
import { parseParameters } from './parse-parameters.ts';

const schema = {
  type: 'object',
  properties: {
    city: { type: 'string' },
    zip: { type: ['string', 'null'] },
    count: { type: 'integer' },
    dry: { type: 'boolean' },
    years: { type: 'array' },
    mode: { enum: ['fast', 'slow'] },
    either: { anyOf: [{ type: 'string' }, { type: 'number' }] },
  },
};

describe('--param', () => {
  test.each([
    ['a text stays a text, even one that looks like a number', ['city=01234'], { city: '01234' }],
    ['a text may hold an equals sign', ['city=a=b'], { city: 'a=b' }],
    ['a text may be empty', ['city='], { city: '' }],
    ['text or null: null is null', ['zip=null'], { zip: null }],
    ['a number is read as a number', ['count=12'], { count: 12 }],
    ['a boolean is read as a boolean', ['dry=true'], { dry: true }],
    ['a list is read as JSON', ['years=[2012, 2013]'], { years: [2012, 2013] }],
    ['a list may be given one element at a time', ['years=2012', 'years=2013'], { years: [2012, 2013] }],
    ['a single plain value is not made a list', ['years=x'], { years: 'x' }],
    ['a choice of texts is a text', ['mode=fast'], { mode: 'fast' }],
    ['text or number: a number where it reads as one', ['either=5'], { either: 5 }],
    ['what the type refuses is passed on as text', ['count=many'], { count: 'many' }],
    ['what the schema does not know is JSON or text', ['a=1', 'b=x', 'c={"d":[]}'], { a: 1, b: 'x', c: { d: [] } }],
  ])('%s', (_rule, pairs, expected) => {
    expect(parseParameters(pairs, undefined, schema)).toEqual(expected);
  });

  test('replaces the same name of --params-json', () => {
    expect(parseParameters(['count=2'], '{"count":1,"city":"Berlin"}', schema)).toEqual({ count: 2, city: 'Berlin' });
  });

  test('is read without a schema', () => {
    expect(parseParameters(['n=1', 's=text'], undefined, null)).toEqual({ n: 1, s: 'text' });
  });

  test('cannot reach a prototype', () => {
    const parameters = parseParameters(['__proto__={"polluted":true}'], undefined, null);
    expect(Object.keys(parameters)).toEqual(['__proto__']);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  test('a text without = is refused', () => {
    expect(() => parseParameters(['years'], undefined, null)).toThrow('--param years: expected key=value');
  });

  test('a name given twice is refused where no list is allowed', () => {
    expect(() => parseParameters(['count=1', 'count=2'], undefined, schema)).toThrow('--param count is given 2 times');
  });
});

describe('--params-json', () => {
  test.each([['[1]'], ['5'], ['{']])('%s is refused', (text) => {
    expect(() => parseParameters([], text, null)).toThrow('--params-json is not usable');
  });
});
