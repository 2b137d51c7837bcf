import { expect, test } from 'vitest';
import { checkRows } from './check-rows.ts';
import { SECTIONS } from './rows.ts';

test('each row names a running example, and what is left out says why', () => {
  expect(checkRows(SECTIONS)).toEqual([]);
});

test('a row without its proof, or with one that is not there, is found', () => {
  const rows = [
    { feature: 'a', verdict: 'same' },
    { feature: 'b', verdict: 'same', proof: 'examples/none/flow.ts' },
    { feature: 'c', verdict: 'same', proof: 'infra/conformance/conformance.test.ts' },
    { feature: 'd', verdict: 'better', proof: 'README.md' },
    { feature: 'e', verdict: 'left out' },
    { feature: 'f', verdict: 'same', proof: 'sdk/src/names.ts' },
  ] as const;
  expect(checkRows([{ title: 'wrong', rows }]).map((line) => line[0])).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
});
