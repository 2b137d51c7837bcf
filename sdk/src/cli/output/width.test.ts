import { expect, test } from 'vitest';
import { cutTo, harmless } from './width.ts';

const ESC = '\u001b';

test.each([
  ['cursor moves', `a${ESC}[2Jb${ESC}[10;1Hc`, 'abc'],
  ['window titles', `a${ESC}]0;evil\u0007b`, 'ab'],
  ['bells, returns and line breaks', 'a\u0007b\rc\nd', 'abcd'],
  ['links', `${ESC}]8;;http://evil\u0007text${ESC}]8;;\u0007`, 'text'],
])('%s are taken out of foreign text', (_rule, text, expected) => {
  expect(harmless(text)).toBe(expected);
  expect(harmless(text, true)).toBe(expected);
});

test('colors stay when asked, and only colors', () => {
  expect(harmless(`${ESC}[32mok${ESC}[0m${ESC}[2J`, true)).toBe(`${ESC}[32mok${ESC}[0m`);
  expect(harmless(`${ESC}[32mok${ESC}[0m`)).toBe('ok');
});

test('a text is cut by cells', () => {
  expect(cutTo('abcdef', 4)).toBe('abc…');
  expect(cutTo('天気予報', 5)).toBe('天気…');
  expect(cutTo('abc', 3)).toBe('abc');
});
