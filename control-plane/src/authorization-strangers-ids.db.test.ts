/**
 * Every procedure, as an owner, with another workspace's ids in each field that takes a reference, and in each that takes a text: what is
 * theirs is neither read nor changed.
 */
import { toUuid } from '@signalbox/proto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { openTestApi, refusal, type TestApi } from '../test/api.ts';
import { completed, INPUT, withValue } from '../test/authorization/inputs.ts';
import { call, leavesOf, OWN_NAMES, PATHS, referencesOf, schemaOf } from '../test/authorization/procedures.ts';
import { everythingOf, populate, type World } from '../test/authorization/world.ts';
import { openTally } from '../test/tally.ts';

const tally = openTally("strangers' ids in procedures");
let api: TestApi;
let mine: World;
let theirs: World;
let untouched: string;

beforeAll(async () => {
  api = await openTestApi();
  mine = await populate(api, 'mine');
  theirs = await populate(api, 'theirs');
  untouched = await everythingOf(api, theirs);
  // One of each kind, twice: on a busy machine that takes its time.
}, 180_000);
// Of those that are not over, a workspace may have a few.
afterEach(() => api.db.systemSql.query(`UPDATE bulk_job SET status = 'cancelled' WHERE workspace_id = $1`, [mine.tenant.workspaceId]));
afterAll(() => api[Symbol.asyncDispose]());

describe("a stranger's id", () => {
  const cases = PATHS.flatMap((path) =>
    referencesOf(schemaOf(path))
      .filter((field) => !OWN_NAMES.has(`${path} ${field.path.join('.')}`))
      .map((field) => [path, `${field.path.join('.')} ${field.kinds.join()}`, field] as const),
  );

  test('is looked for in many fields', () => expect(cases.length).toBeGreaterThan(150));

  test.each(cases)('%s %s', async (path, _, field) => {
    for (const kind of field.kinds) {
      tally.ask();
      const id = (field.isSlug ? theirs.names[kind] : theirs.ids[kind]) as string;
      expect(id, `a ${kind} of the stranger`).toBeDefined();
      const { beside } = field;
      const base = beside ? withValue(INPUT[path]?.(mine), beside.path, beside.value) : INPUT[path]?.(mine);
      const input = completed(path, withValue(base, field.path, id), mine);
      // Else it is refused for another reason.
      expect(schemaOf(path).safeParse(input).error?.issues ?? []).toEqual([]);
      const answer = await call(path, mine.tenant.owner, input).then(
        (data) => ({ data }),
        async (error: unknown) => ({ refusal: await refusal(Promise.reject(error)) }),
      );
      // A deploy to a pool that is not there is to make it first.
      if ('refusal' in answer) expect(['NOT_FOUND', 'INVALID_INPUT', 'PRECONDITION_FAILED']).toContain(answer.refusal.code);
      const text = JSON.stringify(answer).replaceAll(id, '');
      // A list narrowed to what is not there, at most.
      for (const secret of ['theirs', ...Object.values(theirs.ids)]) expect(text).not.toContain(secret);
    }
    expect(await everythingOf(api, theirs)).toBe(untouched);
  });
});

describe("a stranger's id in a field of text", () => {
  // Whatever else takes a text: names, filters, notes, searches. Tried last, since some of it makes things of that name.
  const texts = PATHS.flatMap((path) => {
    const known = new Set(referencesOf(schemaOf(path)).map((field) => field.path.join('.')));
    const fields = leavesOf(schemaOf(path)).filter((field) => !known.has(field.join('.')));
    return fields.length > 0 ? [[path, fields] as const] : [];
  });
  const given = () => [theirs.ids.run as string, toUuid('workspace', theirs.ids.workspace as string)];

  test('is put into every one of them', () => expect(texts.flatMap(([, fields]) => fields).length).toBeGreaterThan(100));

  test.each(texts)('%s', async (path, fields) => {
    for (const field of fields) {
      for (const value of given()) {
        const input = completed(path, withValue(INPUT[path]?.(mine), field, value), mine);
        // A text of another form: a time, an address, a cron expression.
        const parsed = schemaOf(path).safeParse(input);
        // Or a field of another kind of trigger or action, which is dropped.
        if (!parsed.success || !JSON.stringify(parsed.data)?.includes(value)) continue;
        tally.ask();
        const answer = await call(path, mine.tenant.owner, input).catch(async (error: unknown) => refusal(Promise.reject(error)));
        const text = given().reduce((left, each) => left.replaceAll(each, ''), JSON.stringify(answer) ?? '');
        for (const secret of ['theirs', ...Object.values(theirs.ids)]) expect(text, field.join('.')).not.toContain(secret);
      }
    }
  });

  test('changed nothing of the stranger', async () => expect(await everythingOf(api, theirs)).toBe(untouched));
});
