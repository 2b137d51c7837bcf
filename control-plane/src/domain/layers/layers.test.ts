import { DEPLOYMENT_FIELDS, FIELD_NAMES, isOverridable } from '@signalbox/proto/api';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diffCode } from './diff.ts';
import { checkEntry, overlaySayings, type StoredEntry } from './overlay.ts';
import { joinPath, splitPath, toFields, toPaths } from './paths.ts';
import { checkTemplate, jobDefaultsOf, LAUNCHER_TEMPLATES, renderJob } from './pool-template.ts';
import { mergeVariables, REMOVED, resolve, storedValuesOf, valuesOf } from './resolve.ts';

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
const valueAt = (resolved: ReturnType<typeof resolve>, path: string) => resolved.find((each) => each.path === path);

// ---------------------------------------------------------------- arbitrary layers

const name = fc.constantFrom('a', 'b', 'a.b', '__proto__', 'constructor', 'ENV');
const variableName = fc.constantFrom('workingDirectory', 'nodeArgs', 'memory');
const leaf = fc.constantFrom<unknown>('x', 'y', 0, 1, false, '', [], {}, [1]);
const env = fc.dictionary(fc.constantFrom('A', 'B', 'C.D'), fc.constantFrom<unknown>('1', '2', null));
const variables = fc
  .tuple(fc.dictionary(variableName, fc.oneof(leaf, fc.constant(null))), fc.option(env, { nil: undefined }))
  .map(([plain, own]) => (own && Object.keys(own).length > 0 ? { ...plain, env: own } : plain));
const parameters = fc.dictionary(name, fc.oneof(leaf, fc.constant(null)), { noNullPrototype: true });
const tags = fc.uniqueArray(fc.constantFrom('t', 'u', 'v'));
const code = fc.record(
  {
    description: fc.constantFrom('', 'about'),
    tags,
    timeoutMs: fc.constantFrom(null, 1, 2),
    concurrencyLimit: fc.constantFrom(null, 3, 4),
    parameters: parameters.filter((map) => Object.keys(map).length > 0),
    variables: variables.filter((map) => Object.keys(map).length > 0),
  },
  { requiredKeys: [], noNullPrototype: true },
);
const path = fc.constantFrom(
  'timeoutMs',
  'tags',
  'concurrencyLimit',
  'parameters.a',
  'parameters.a.b',
  'variables.memory',
  'variables.env.A',
);
const overlay = fc.uniqueArray(
  fc
    .record({ path, value: fc.constantFrom<unknown>('p', 9), removed: fc.boolean() })
    .map((entry): StoredEntry => (entry.path === 'tags' ? { ...entry, value: ['p'] } : entry)),
  { selector: (entry) => entry.path },
);

describe('properties', () => {
  it('a deploy changes nothing that a person set', () => {
    fc.assert(
      fc.property(code, code, overlay, (before, after, laid) => {
        const layer = overlaySayings(laid);
        const [was, is] = [before, after].map((each) => resolve({ code: toPaths(each), overlay: layer }));
        for (const entry of laid) {
          expect(valueAt(is ?? [], entry.path)?.from).toBe('overlay');
          expect(valueAt(is ?? [], entry.path)?.value).toEqual(valueAt(was ?? [], entry.path)?.value);
        }
      }),
    );
  });

  it('a reset gives back exactly what code says, and touches nothing else', () => {
    fc.assert(
      fc.property(code, overlay, (said, laid) => {
        const bare = resolve({ code: toPaths(said) });
        const full = resolve({ code: toPaths(said), overlay: overlaySayings(laid) });
        for (const entry of laid) {
          const left = resolve({ code: toPaths(said), overlay: overlaySayings(laid.filter((other) => other !== entry)) });
          expect(valueAt(left, entry.path)).toEqual(valueAt(bare, entry.path));
          for (const other of left) if (other.path !== entry.path) expect(other).toEqual(valueAt(full, other.path));
        }
      }),
    );
  });

  it('absent is not empty: what a layer does not name is left to those below, what it names as empty is not', () => {
    fc.assert(
      fc.property(code, (said) => {
        const [absent, empty] = [undefined, []].map((given) =>
          resolve({ code: toPaths({ ...said, tags: ['x'] }), overlay: toPaths({ tags: given }) }),
        );
        expect(valueAt(absent ?? [], 'tags')).toMatchObject({ from: 'code', value: ['x'] });
        expect(valueAt(empty ?? [], 'tags')).toMatchObject({ from: 'overlay', value: [] });
      }),
    );
  });

  it('what is stored below pool and run comes to the same as all layers at once', () => {
    fc.assert(
      fc.property(variables, code, overlay, variables, (pool, said, laid, run) => {
        const below = storedValuesOf(resolve({ code: toPaths(said), overlay: overlaySayings(laid) }));
        const layers = {
          pool: toPaths({ variables: pool }),
          code: toPaths(said),
          overlay: overlaySayings(laid),
          run: toPaths({ variables: run }),
        };
        expect(mergeVariables(pool, below.variables, run)).toEqual(valuesOf(resolve(layers)).variables);
      }),
    );
  });

  it('a diff tells a field that code no longer names from one that it names as null', () => {
    expect(diffCode({}, { timeoutMs: null }, same)).toEqual([{ path: 'timeoutMs', after: null }]);
    // Postgres gives null for what is absent: the difference must not rest on the values.
    expect(diffCode({ timeoutMs: null }, {}, () => true)).toEqual([{ path: 'timeoutMs', before: null }]);
  });

  it('fields become paths and fields again', () => {
    fc.assert(
      fc.property(code, (said) => {
        expect(toFields(toPaths(said))).toEqual(said);
        for (const each of toPaths(said).keys()) {
          const parts = splitPath(each);
          expect(parts && joinPath(parts)).toBe(each);
        }
      }),
    );
  });

  it('a diff names every path that differs, and applied to the old gives the new', () => {
    fc.assert(
      fc.property(code, code, (before, after) => {
        const paths = new Map(toPaths(before));
        for (const change of diffCode(before, after, same)) {
          if ('after' in change) paths.set(change.path, change.after);
          else paths.delete(change.path);
        }
        expect(toFields(paths)).toEqual(after);
        expect(diffCode(after, after, same)).toEqual([]);
      }),
    );
  });
});

describe('layers', () => {
  it('lie over one another: pool, code, overlay, schedule, run', () => {
    const says = (value: string) => toPaths({ parameters: { city: value } });
    const order = ['pool', 'code', 'overlay', 'schedule', 'run'] as const;
    for (const [i, layer] of order.entries()) {
      const layers = Object.fromEntries(order.slice(0, i + 1).map((each) => [each, says(each)]));
      expect(valueAt(resolve(layers), 'parameters.city')).toMatchObject({ value: layer, from: layer });
    }
  });

  it('add their tags to code, or to what a person set instead', () => {
    const run = toPaths({ tags: ['mine', 'etl'] });
    expect(valuesOf(resolve({ code: toPaths({ tags: ['etl'] }), run })).tags).toEqual(['etl', 'mine']);
    const laid = overlaySayings([{ path: 'tags', value: ['night'], removed: false }]);
    expect(valuesOf(resolve({ code: toPaths({ tags: ['etl'] }), overlay: laid, run })).tags).toEqual(['night', 'mine', 'etl']);
  });

  it('that remove a field leave its default, a key leave nothing', () => {
    const removed = (gone: string) => overlaySayings([{ path: gone, value: null, removed: true }]);
    const said = toPaths({ timeoutMs: 5, parameters: { city: 'Rome' } });
    expect(valueAt(resolve({ code: said, overlay: removed('timeoutMs') }), 'timeoutMs')).toMatchObject({ value: null, from: 'overlay' });
    const keyless = resolve({ code: said, overlay: removed('parameters.city') });
    expect(valueAt(keyless, 'parameters.city')?.value).toBe(REMOVED);
    expect(valuesOf(keyless).parameters).toEqual({});
  });
});

describe('the table', () => {
  it('gives each field a default that its own schema takes, and knows who may set it', () => {
    for (const field of FIELD_NAMES) {
      const { schema, default: fallback, layers } = DEPLOYMENT_FIELDS[field];
      if (field !== 'pool') expect(schema.safeParse(fallback).success, field).toBe(true);
      expect(layers.length, field).toBeGreaterThan(0);
      const entry = { path: DEPLOYMENT_FIELDS[field].merge === 'merge-by-key' ? `${field}.env.A` : field, removed: true };
      // A deployment without a pool runs nowhere: that one may be replaced, not removed.
      expect(checkEntry(entry, 'set.0').length === 0, field).toBe(isOverridable(field) && field !== 'pool');
    }
  });
});

describe('a template', () => {
  const template = {
    variables: {
      type: 'object',
      properties: { memoryMb: { type: 'integer', default: 512 }, env: { default: { REGION: 'eu' } }, label: {} },
    },
    job: {
      env: '{{ env }}',
      nodeArgs: ['--max-old-space-size={{ memoryMb }}', '--title={{ label }}', '--no-warnings'],
      workingDirectory: '/srv/{{label}}',
    },
  };

  it('is filled with pool, deployment and run, in that order', () => {
    const pool = jobDefaultsOf(template);
    expect(renderJob(pool, { env: { A: '1' } }, { memoryMb: 2_048, label: 'x' })).toEqual({
      env: { REGION: 'eu', A: '1' },
      nodeArgs: ['--max-old-space-size=2048', '--title=x', '--no-warnings'],
      workingDirectory: '/srv/x',
    });
    expect(renderJob(pool, {}, null)).toEqual({
      env: { REGION: 'eu' },
      nodeArgs: ['--max-old-space-size=512', '--no-warnings'],
      workingDirectory: '/srv/',
    });
  });

  it('takes away what a higher layer says is null, and passes on as they are what nobody renames', () => {
    expect(renderJob(jobDefaultsOf(template), { env: { REGION: null } }, { memoryMb: null })).toEqual({
      nodeArgs: ['--no-warnings'],
      workingDirectory: '/srv/',
    });
    expect(renderJob(null, { env: { A: '1', B: '2' } }, { env: { A: null }, workingDirectory: '/x' })).toEqual({
      env: { B: '2' },
      workingDirectory: '/x',
    });
    const own = LAUNCHER_TEMPLATES['process'];
    expect(own && renderJob(jobDefaultsOf(own), { workingDirectory: '/x' })).toEqual({ workingDirectory: '/x' });
  });

  it('names only variables it declares, and settings its launcher knows', () => {
    expect(checkTemplate('process', template)).toEqual([]);
    expect(checkTemplate('process', { variables: {}, job: { image: 'a', env: { A: '{{ a }}' } } })).toEqual([
      { field: 'template.job.image', expected: 'a setting of the launcher "process": env, nodeArgs, workingDirectory' },
      { field: 'template.job', expected: 'variables that template.variables.properties declares (none)', received: '{{ a }}' },
    ]);
  });
});
