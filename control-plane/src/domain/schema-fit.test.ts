import { describe, expect, test } from 'vitest';
import { schemaFit } from './schema-fit.ts';

const facts = { known: ['1_init', '2_expand'], applied: ['2_expand', '1_init'], floor: '1_init' };

describe('a build fits', () => {
  test.each([
    ['the schema that it carries', {}, []],
    ['a schema that a newer build expanded', { applied: ['1_init', '2_expand', '4_more', '3_expand'] }, ['3_expand', '4_more']],
    ['a floor that is its own newest migration', { applied: ['1_init', '2_expand', '3_contract'], floor: '2_expand' }, ['3_contract']],
    ['a database that names no floor', { floor: null }, []],
  ])('%s', (_what, change, ahead) => {
    expect(schemaFit({ ...facts, ...change })).toEqual({ fits: true, ahead });
  });
});

describe('a build is refused, and told what to do,', () => {
  test.each([
    [
      'on an older schema',
      { applied: ['1_init'] },
      'the database is at an older schema (without 2_expand): run `node control-plane/src/migrate.ts` first',
    ],
    [
      'on an older schema that another branch expanded',
      { applied: ['3_other'] },
      'the database is at an older schema (without 1_init and 1 more): run `node control-plane/src/migrate.ts` first',
    ],
    [
      'below the floor',
      { applied: ['1_init', '2_expand', '3_expand', '4_contract'], floor: '3_expand' },
      'this build is too old for the database: it has to know migration 3_expand, and its newest is 2_expand. Start a newer build',
    ],
    [
      'without the floor, though its own newest is later',
      { known: ['1_init', '4_mine'], applied: ['1_init', '3_expand', '4_mine'], floor: '3_expand' },
      'this build is too old for the database: it has to know migration 3_expand, and its newest is 4_mine. Start a newer build',
    ],
  ])('%s', (_what, change, reason) => {
    expect(schemaFit({ ...facts, ...change })).toEqual({ fits: false, reason });
  });
});
