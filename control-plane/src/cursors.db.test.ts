/** Every list that is read page by page, with a cursor that no page gave: refused with the field named, or an empty page; never an error of ours. */
import { toId, uuidv7 } from '@signalbox/proto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestApi, refusal, type TestApi } from '../test/api.ts';
import { completed, INPUT, withValue } from '../test/authorization/inputs.ts';
import { call, leavesOf, PATHS, schemaOf } from '../test/authorization/procedures.ts';
import { populate, type World } from '../test/authorization/world.ts';

let api: TestApi;
let mine: World;

beforeAll(async () => {
  api = await openTestApi();
  mine = await populate(api, 'mine');
}, 180_000);
afterAll(() => api[Symbol.asyncDispose]());

const paged = PATHS.filter((path) => leavesOf(schemaOf(path)).some((field) => field.join('.') === 'cursor'));
const CURSORS = [
  ...[
    'x',
    '-'.repeat(36),
    '99999999999999999999',
    '-1',
    '1e3',
    '\ud800',
    'null',
    '{}',
    '[]',
    "' OR 1=1 --",
    '2026',
    '1 2',
    'a:b:c',
    'a/b/c',
    '0/0/0',
  ],
  `${'9'.repeat(30)}.${'9'.repeat(30)}`,
  ...['2026', '1', '+275760-09-13T00:00:00.000Z', '2026-02-30T00:00:00.000Z', '2026-01-01T00:00:00.000Z'].flatMap((at) => [
    `${at} ${toId('failureGroup', uuidv7(1))}`,
    `${at} ${uuidv7(1)}`,
    `${at}/${uuidv7(1)}`,
    `${at}_${uuidv7(1)}`,
  ]),
  Buffer.from('{"at":"x","id":"y"}').toString('base64url'),
  Buffer.from('[1,2,3]').toString('base64'),
];

test('there are many of them', () => expect(paged.length).toBeGreaterThan(15));

test.each(paged)('%s', async (path) => {
  for (const cursor of CURSORS) {
    const input = completed(path, withValue(INPUT[path]?.(mine), ['cursor'], cursor), mine);
    const answer = await call(path, mine.tenant.owner, input).then(
      () => 'answered',
      async (error: unknown) => (await refusal(Promise.reject(error))).code,
    );
    expect(['answered', 'INVALID_INPUT'], cursor).toContain(answer);
  }
});
