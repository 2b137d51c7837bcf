import { describe, expect, test } from 'vitest';
import { mayAnswer, namesOf } from './approvers.ts';

const approvers = { people: ['Ada@example.com'], teams: ['finance'] };

describe('who may answer', () => {
  test.each([
    ['a person that is named, however they write', { email: 'ada@EXAMPLE.com', teams: [] }, true],
    ['one of a team that is named', { email: 'bob@example.com', teams: ['ops', 'finance'] }, true],
    ['a service account of that team', { email: null, teams: ['finance'] }, true],
    ['anybody else', { email: 'bob@example.com', teams: ['ops'] }, false],
    ['a machine', null, false],
  ])('%s', (_, approver, may) => {
    expect(mayAnswer(approvers, approver)).toBe(may);
  });

  test('everybody where nobody is named', () => {
    expect(mayAnswer(null, null)).toBe(true);
  });

  test('is said in words', () => {
    expect(namesOf(approvers)).toBe('Ada@example.com and the team finance');
    expect(namesOf({ people: ['a', 'b'], teams: ['c'] })).toBe('a, b and the team c');
    expect(namesOf({ people: [], teams: ['c'] })).toBe('the team c');
  });
});
