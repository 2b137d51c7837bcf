import { expect, it } from 'vitest';
import { invalidInput, notFound, toErrorBody } from './errors.ts';

it('an answer never repeats a credential of ours, wherever it was put', () => {
  const key = `sbk_${'a1'.repeat(20)}`;
  for (const error of [notFound('run', key), invalidInput([{ field: 'run', expected: 'an id', received: `"${key}"` }])]) {
    const text = JSON.stringify(toErrorBody(error));
    expect(text).not.toContain(key);
    expect(text).toContain('sbk_...');
  }
});
