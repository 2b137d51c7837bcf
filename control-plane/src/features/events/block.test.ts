import { toId, uuidv7 } from '@signalbox/proto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Block, type BlockText, type Change, mayHaveText, packBlock, runOf, spreadBlock } from './block.ts';
import { matches, textOf } from './filter.ts';

const runIds = [1, 2, 3].map((ms) => uuidv7(ms));
const labelsOf = (runId: string) => [{ role: 'tag', id: runIds.indexOf(runId) === 0 ? 'first' : 'other' }];
const textOfBlock = ({ runIds, labels, body }: Block): BlockText => ({
  runIds: JSON.stringify(runIds),
  labels: JSON.stringify(labels),
  body: JSON.stringify(body),
});
const anyChange = fc.record({
  step: fc.integer({ min: 1, max: 9 }),
  runId: fc.constantFrom(...runIds),
  name: fc.constantFrom('run.Pending', 'run.Running', 'run.Completed'),
  payload: fc.constantFrom(null, { attempt: 0 }, { attempt: 1, message: 'exit code 1' }),
  atMs: fc.integer({ min: 0, max: 4e12 }),
  startedAtMs: fc.option(fc.integer({ min: 0, max: 4e12 })),
  taskRun: fc.option(
    fc.record({
      epoch: fc.constantFrom(1, 2 ** 40),
      ordinal: fc.constantFrom(1, 2),
      task: fc.constant('load'),
      name: fc.constantFrom('load-1', 'load-2'),
    }),
    { nil: undefined },
  ),
});

test('what is packed is spread out as it was, through JSON', () => {
  fc.assert(
    fc.property(
      fc.array(anyChange, { minLength: 1, maxLength: 50 }),
      fc.date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true }),
      (steps, receivedAt) => {
        let position = 2 ** 40;
        const changes: Change[] = steps.map(({ step, ...change }) => {
          position += step;
          return { ...change, name: change.taskRun ? `task-${change.name}` : change.name, position };
        });
        const known = new Map(runIds.slice(0, 2).map((id) => [id, { name: `name-${id}`, related: labelsOf(id) }]));
        const block = JSON.parse(JSON.stringify(packBlock(changes, known)));
        expect(block).toMatchObject({ firstPosition: changes[0]?.position, lastPosition: position });
        expect(spreadBlock(block, receivedAt)).toEqual(
          changes.map(({ runId, taskRun, name, payload, atMs, startedAtMs, ...change }) => ({
            position: change.position,
            id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-8000-8[0-9a-f]{3}-[0-9a-f]{12}$/),
            name,
            occurredAt: new Date(atMs).toISOString(),
            receivedAt: receivedAt.toISOString(),
            ...(taskRun
              ? {
                  resource: {
                    id: `${toId('run', runId)}/${taskRun.epoch}.${taskRun.ordinal}`,
                    kind: 'task-run',
                    name: taskRun.name,
                    task: taskRun.task,
                    state: name.slice(9),
                  },
                  related: [
                    { role: 'run', id: toId('run', runId), name: known.get(runId)?.name ?? '' },
                    ...(known.get(runId)?.related ?? []),
                  ],
                }
              : {
                  resource: { id: toId('run', runId), kind: 'run', name: known.get(runId)?.name ?? '', state: name.slice(4) },
                  related: known.get(runId)?.related ?? [],
                }),
            payload: startedAtMs === null ? (payload ?? {}) : { ...payload, startedAt: new Date(startedAtMs).toISOString() },
            follows: null,
          })),
        );
      },
    ),
  );
});

test('says what is shared once', () => {
  const changes = Array.from({ length: 300 }, (_, i) => ({
    position: i + 1,
    runId: runIds[i % 3] ?? '',
    name: 'run.Pending',
    payload: { attempt: 0 },
    atMs: 1,
    startedAtMs: null,
  }));
  const { labels, body, names, runIds: ids } = packBlock(changes, new Map(runIds.map((id) => [id, { name: 'x', related: labelsOf(id) }])));
  expect([labels.length, body.runs.length, body.kinds.length, ids]).toEqual([2, 3, 1, runIds]);
  expect(names).toEqual({ 'run.Pending': 300 });
});

test('what is spread of some things is all that has to do with them, and nothing of other runs', () => {
  const first = toId('run', runIds[0] ?? '');
  fc.assert(
    fc.property(
      fc.array(anyChange, { minLength: 1, maxLength: 9 }),
      fc.constantFrom(
        { about: 'first' },
        { about: first },
        { about: `${first}/1.2` },
        { resource: first },
        { resource: `${first}/1.1`, about: 'first' },
      ),
      (steps, filter: { about?: string; resource?: string }) => {
        const block = packBlock(
          steps.map((change, i) => ({ ...change, position: 100 + i })),
          new Map(runIds.map((id) => [id, { name: `name-${id}`, related: labelsOf(id) }])),
        );
        const [at, things] = [new Date(), [filter.about, filter.resource].filter((id) => id !== undefined)];
        const some = spreadBlock(block, at, () => true, things);
        const fits = matches(filter);
        expect(some.filter(fits)).toEqual(spreadBlock(block, at).filter(fits));
        expect(some.every(({ resource }) => runOf(resource.id ?? '') === first)).toBe(true);
      },
    ),
  );
});

test('a block is passed over for a text that none of its events has, and for no other', () => {
  fc.assert(
    fc.property(
      fc.array(anyChange, { minLength: 1, maxLength: 9 }),
      fc.nat(),
      fc.nat(),
      fc.integer({ min: 1, max: 40 }),
      (steps, which, at, length) => {
        const changes: Change[] = steps.map((change, i) => ({ ...change, position: 100 + i }));
        const block = packBlock(changes, new Map(runIds.map((id) => [id, { name: `name-${id}`, related: labelsOf(id) }])));
        const texts = spreadBlock(block, new Date()).map(textOf);
        const text = texts[which % texts.length] ?? '';
        const part = text
          .slice(at % text.length)
          .slice(0, length)
          .trim();
        if (part !== '') expect(mayHaveText(part)(textOfBlock(block))).toBe(true);
      },
    ),
    { numRuns: 500 },
  );
  const block = packBlock(
    [{ position: 1, runId: runIds[0] ?? '', name: 'run.Failed', payload: { message: 'the File is gone' }, atMs: 0, startedAtMs: null }],
    new Map(),
  );
  expect(['parquet', 'is here', 'qqqq', 'run_7zz'].map((text) => mayHaveText(text)(textOfBlock(block)))).toEqual([
    false,
    false,
    false,
    false,
  ]);
  expect(['file is', 'failed', '"attempt": 1', 'run_000'].map((text) => mayHaveText(text)(textOfBlock(block)))).toEqual([
    true,
    true,
    true,
    true,
  ]);
});
