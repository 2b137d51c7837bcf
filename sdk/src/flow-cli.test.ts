import { describe, expect, test } from 'vitest';
import { readArguments } from './flow-cli.ts';

describe('parameters on the command line', () => {
  test('are JSON where they are JSON, and text elsewhere; single ones go over the whole', () => {
    const argv = ['--params', '{"a":1,"b":2}', '--param', 'b=[3]', '-p', 'c=plain text', '-p', 'd=x=y'];
    expect(readArguments(argv)).toEqual({ kind: 'run', parameters: { a: 1, b: [3], c: 'plain text', d: 'x=y' } });
  });

  test.each([
    [['--param', 'years'], '--param: expected key=value, got "years"'],
    [['--params', '[1]'], '--params: expected a JSON object, got [1]'],
    [['--params', '{'], '--params: expected JSON: '],
    [['--prams', '{}'], "Unknown option '--prams'"],
  ])('%j is refused in words', (argv, message) => {
    expect(readArguments(argv)).toEqual({ kind: 'bad', message: expect.stringContaining(message) });
  });
});
