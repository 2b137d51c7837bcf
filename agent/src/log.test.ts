import { expect, test } from 'vitest';
import { censored } from './log.ts';

test('what is named like a secret is not told, one level down neither, and the rest is told as it is', () => {
  const line = { run: 'run_1', token: 't', reply: { jwt: 'j', code: 'OK' }, list: ['token'] };
  expect(censored(line)).toEqual({ run: 'run_1', token: '[secret]', reply: { jwt: '[secret]', code: 'OK' }, list: ['token'] });
  expect(line.token).toBe('t');
  const harmless = { run: 'run_1', reply: { code: 'OK' } };
  expect(censored(harmless)).toBe(harmless);
});
