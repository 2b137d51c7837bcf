import { InvalidArgumentError } from 'commander';
import { CliError } from './cli-error.ts';

/** A whole number, as an option's parser. The API checks its range. */
export function wholeNumber(text: string): number {
  if (/^-?\d+$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Expected a whole number.');
}

/** A whole number, or `none`; commander itself has no place for a null. */
export function wholeNumberOrNone(text: string): number | 'none' {
  if (text === 'none') return text;
  if (/^\d+$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Expected a whole number, or none.');
}

/** A number, or `none`. */
export function decimalOrNone(text: string): number | 'none' {
  if (text === 'none') return text;
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Expected a number, or none.');
}

/** A limit as the API takes it: null is none, absent is as it was. */
export function limitOf(option: number | 'none' | undefined): number | null | undefined {
  return option === 'none' ? null : option;
}

/** Collects a repeatable option. */
export function collect(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}

/** One of a closed list, whatever its case. @throws CliError that names them. */
export function oneOf<T extends string>(option: string, text: string, allowed: readonly T[]): T {
  const found = allowed.find((each) => each.toLowerCase() === text.toLowerCase());
  if (found) return found;
  const names = allowed.map((each) => each.toLowerCase()).join(', ');
  throw new CliError(`--${option} is not usable`, {
    issues: [{ field: option, expected: `one of ${names}`, received: JSON.stringify(text) }],
  });
}
