import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { idSchema, isId, suffixToUuid, toId, toUuid, uuidTimeMs, uuidToSuffix, uuidv7 } from './ids.ts';

describe('an id', () => {
  test('survives the way from uuid to text and back', () => {
    fc.assert(fc.property(fc.uuid(), (uuid) => toUuid('run', toId('run', uuid)) === uuid));
  });

  test('sorts as its uuid sorts', () => {
    fc.assert(fc.property(fc.uuid(), fc.uuid(), (a, b) => uuidToSuffix(a) > uuidToSuffix(b) === a > b));
  });

  test('matches the published example', () => {
    expect(suffixToUuid('01h455vb4pex5vsknk084sn02q')).toBe('01890a5d-ac96-774b-bcce-b302099a8057');
  });

  test('carries its time', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 2 ** 47 }), (ms) => uuidTimeMs(uuidv7(ms)) === ms));
  });

  test('of one kind is not taken for another', () => {
    const run = toId('run', uuidv7(0));
    expect(isId('run', run)).toBe(true);
    expect(isId('flow', run)).toBe(false);
    expect(() => toUuid('flow', run)).toThrow('expected an id that begins with flow_');
    expect(idSchema('flow').safeParse(run).error?.issues[0]?.message).toBe('expected an id such as flow_01h455vb4pex5vsknk084sn02q');
  });

  test.each(['run_', 'run_8zzzzzzzzzzzzzzzzzzzzzzzzz', 'run_01H455VB4PEX5VSKNK084SN02Q', 'run_01h455vb4pex5vsknk084sn02', ''])(
    '%j is refused',
    (text) => {
      expect(isId('run', text)).toBe(false);
    },
  );
});
