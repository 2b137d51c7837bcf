import { InvalidArgumentError } from 'commander';
import { CliError } from './cli-error.ts';

/** A whole number, as an option's parser. The API checks its range. */
export function wholeNumber(text: string): number {
  if (/^-?\d+$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Expected a whole number.');
}

/** A whole number, or null for `none`. */
export function wholeNumberOrNone(text: string): number | null {
  if (text === 'none') return null;
  if (/^\d+$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Expected a whole number, or none.');
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
