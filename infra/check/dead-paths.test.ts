import { describe, expect, test } from 'vitest';
import { deadPaths } from './dead-paths.ts';

describe('paths in documents', () => {
  test('that exist are fine, whether linked or named', () => {
    expect(deadPaths('docs/x.md', 'See [the entry](../infra/entry/run.mjs#L3) and `infra/dev/up.ts`.')).toEqual([]);
  });

  test('that do not exist are told with their line', () => {
    expect(deadPaths('docs/x.md', 'fine\nSee [this](gone.md) and `infra/dev/gone.ts`.')).toEqual([
      { document: 'docs/x.md', line: 2, path: 'gone.md' },
      { document: 'docs/x.md', line: 2, path: 'infra/dev/gone.ts' },
    ]);
  });

  test('of the reader’s own project and addresses of the web are left alone', () => {
    expect(deadPaths('README.md', 'Write `src/flow.ts`, see [NATS](https://nats.io) and [below](#below).')).toEqual([]);
  });
});
