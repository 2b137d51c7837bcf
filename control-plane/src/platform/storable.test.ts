import { describe, expect, it } from 'vitest';
import { storableJson, storableText } from './storable.ts';

describe('a text that Postgres would refuse', () => {
  it('has its NULs and half surrogates replaced, and nothing else', () => {
    expect(storableText('a\0b\uD83Dc 🚂')).toBe('a\uFFFDb\uFFFDc 🚂');
  });

  it('is found anywhere in a value, keys included', () => {
    const json = storableJson({ 'k\0': ['x\0', { deep: '\uDC00' }], fine: '🚂', literal: '\\u0000', none: undefined });
    expect(JSON.parse(json)).toEqual({ 'k\uFFFD': ['x\uFFFD', { deep: '\uFFFD' }], fine: '🚂', literal: '\\u0000' });
  });

  it('stays as it is when it is sound', () => {
    expect(storableJson({ a: [1, null, 'ß'] })).toBe('{"a":[1,null,"ß"]}');
    expect(storableJson(undefined)).toBe('null');
  });
});
