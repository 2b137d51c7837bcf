import { uuidv7 } from '@signalbox/proto';
import type { TriggerInput } from '@signalbox/proto/api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestApi, refusal, type Tenant, type TestApi } from '../../../test/api.ts';
import { createYard, type Yard } from '../../../test/dispatch.ts';
import { inTransaction } from '../../platform/transaction.ts';
import { transitionRuns } from '../dispatch/index.ts';
import { readPage } from './feed-page.ts';
import { findAbout } from './find-about.ts';
import { findLinked, readEvents, sequence } from './index.ts';
import { keepEventDays } from './loop.ts';

let api: TestApi;
let tenant: Tenant;
let yard: Yard;

beforeAll(async () => {
  api = await openTestApi();
  tenant = await api.tenant();
  yard = await createYard(api.db, tenant.workspaceId);
});
afterAll(() => api[Symbol.asyncDispose]());

const drain = async () => {
  while ((await sequence(api.db.systemSql)).count > 0);
};
const namesOf = async (of: Tenant, about: string) => {
  await drain();
  return (await of.owner.events.list({ about, after: 0 })).items.map(({ name }) => name);
};

describe('a run', () => {
  it('tells every state it goes through, in order, with what it belongs to', async () => {
    const deployment = await yard.addDeployment();
    const [runId = ''] = await yard.addRuns(deployment, 1, { tags: ['nightly'] });
    const agent = await yard.addAgent();
    const [claimed] = (await yard.claim(agent)).runs;
    if (!claimed) throw new Error('nothing was claimed');
    await yard.permit(agent, claimed);
    await inTransaction(api.db.systemSql, (sql) => transitionRuns(sql, [{ runId, intent: { kind: 'cancel', by: 'a test' } }]));
    await drain();
    const [event] = (await tenant.owner.events.list({ names: ['run.Scheduled'] })).items;
    const run = event?.resource.id ?? '';
    expect(await namesOf(tenant, run)).toEqual(['run.Scheduled', 'run.Pending', 'run.Running', 'run.Cancelling']);
    expect(event?.related).toEqual(
      expect.arrayContaining([{ role: 'tag', id: 'nightly' }, expect.objectContaining({ role: 'flow', name: 'weather' })]),
    );
  });

  it('tells its end with the message, once', async () => {
    const [runId = ''] = await yard.addRuns(await yard.addDeployment(), 1, { dueAt: new Date(Date.now() + 3_600_000) });
    await inTransaction(api.db.systemSql, (sql) => transitionRuns(sql, [{ runId, intent: { kind: 'cancel', by: 'a test' } }]));
    await drain();
    const { items } = await tenant.owner.events.list({ names: ['run.Cancelled'] });
    expect(items).toMatchObject([
      { resource: { kind: 'run', state: 'Cancelled' }, payload: { message: expect.stringContaining('a test') } },
    ]);
  });
});

describe('a command', () => {
  it('is an event of what it was done to, with who did it', async () => {
    const pool = await tenant.owner.workPools.create({ name: 'noted' });
    await drain();
    const { items } = await tenant.owner.events.list({ resource: pool.id });
    expect(items).toMatchObject([
      {
        name: 'command.work-pool.create',
        resource: { kind: 'work-pool', name: 'noted' },
        related: [{ role: 'actor', name: tenant.ownerEmail }],
      },
    ]);
  });

  it('that is undone leaves none', async () => {
    const before = await api.db.systemSql.query('SELECT count(*) FROM event_inbox');
    await expect(tenant.owner.workPools.create({ name: 'noted' })).rejects.toThrow();
    expect((await api.db.systemSql.query('SELECT count(*) FROM event_inbox')).rows).toEqual(before.rows);
  });
});

describe('an event of somebody else', () => {
  const file = (id: string, more: object = {}) => ({ name: 'orders.file.arrived', resource: { id, bucket: 'raw' }, ...more });

  it('is in the feed as it was sent', async () => {
    const id = uuidv7(Date.now());
    const sent = file('s3://raw/a.csv', {
      id,
      payload: { bytes: 12 },
      related: [{ id: 'customer-7', role: 'customer' }],
      occurredAt: '2026-01-02T03:04:05.000Z',
    });
    await tenant.as('runner').events.emit({ events: [sent] });
    await drain();
    expect((await tenant.owner.events.list({ about: 'customer-7' })).items).toMatchObject([{ ...sent, id }]);
  });

  it('may not pretend to be ours, nor come from the future, nor be about nothing', async () => {
    const emit = (event: object) => refusal(tenant.owner.events.emit({ events: [event as ReturnType<typeof file>] }));
    expect(await emit({ name: 'run.Completed', resource: { id: 'x' } })).toMatchObject({ code: 'INVALID_INPUT' });
    expect(await emit(file('x', { occurredAt: new Date(Date.now() + 3_600_000).toISOString() }))).toMatchObject({ code: 'INVALID_INPUT' });
    expect(await emit({ name: 'a.b', resource: { bucket: 'raw' } })).toMatchObject({ code: 'INVALID_INPUT' });
  });

  it('is not seen by another workspace', async () => {
    const stranger = await api.tenant();
    expect((await stranger.owner.events.list({ about: 'customer-7' })).items).toEqual([]);
  });
});

describe('the feed', () => {
  it('is paged by position both ways, filtered by name with * and !, by text and time, and counted', async () => {
    const own = await api.tenant();
    const started = new Date(Date.now() - 1_000).toISOString();
    await own.owner.events.emit({
      events: ['a.x', 'a.y', 'b.x', 'b.y', 'a_z'].map((name, i) => ({ name, resource: { id: `thing-${i % 2}` }, payload: { i } })),
    });
    await drain();
    const first = await own.owner.events.list({ limit: 3 });
    const rest = await own.owner.events.list({ limit: 3, cursor: first.nextCursor ?? '' });
    expect([...first.items, ...rest.items].map(({ name }) => name)).toEqual(['a_z', 'b.y', 'b.x', 'a.y', 'a.x']);
    const names = async (filter: object) => (await own.owner.events.list({ ...filter, after: 0 })).items.map(({ name }) => name);
    expect(await names({ names: ['a.*'] })).toEqual(['a.x', 'a.y']);
    expect(await names({ names: ['a*', '!*.y'] })).toEqual(['a.x', 'a_z']);
    expect(await names({ text: '"i": 3' })).toEqual(['b.y']);
    expect(await names({ resource: 'thing-1', from: started })).toEqual(['a.y', 'b.y']);
    expect(await names({ to: started })).toEqual([]);
    expect(await own.owner.events.count({ by: 'resource' })).toEqual({
      counts: [
        { key: 'thing-0', count: 3 },
        { key: 'thing-1', count: 2 },
      ],
      since: null,
    });
    expect((await own.owner.events.count({ by: 'time', seconds: 604_800 })).counts).toMatchObject([{ count: 5 }]);
    expect((await refusal(own.owner.events.list({ cursor: 'nonsense' }))).code).toBe('INVALID_INPUT');
  });

  it('never shows a later position before an earlier one: what commits late comes later', async () => {
    const own = await api.tenant();
    const emit = (name: string) => own.owner.events.emit({ events: [{ name, resource: { id: 'order' } }] });
    await inTransaction(api.db.systemSql, async (open) => {
      await open.query(`INSERT INTO event_inbox (workspace_id, name, resource) VALUES ($1, 'slow.one', '{"id":"order"}')`, [
        own.workspaceId,
      ]);
      await emit('quick.one');
      expect(await namesOf(own, 'order')).toEqual(['quick.one']);
    });
    await emit('third.one');
    expect(await namesOf(own, 'order')).toEqual(['quick.one', 'slow.one', 'third.one']);
  });

  it('has each event once, though sequencers run side by side', async () => {
    const own = await api.tenant();
    for (let i = 0; i < 3; i++)
      await own.owner.events.emit({ events: Array.from({ length: 100 }, (_, k) => ({ name: 'a.b', resource: { id: `${i}-${k}` } })) });
    await Promise.all([1, 2, 3, 4].map(drain));
    expect((await own.owner.events.count({ by: 'name' })).counts).toEqual([{ key: 'a.b', count: 300 }]);
  });

  it('is one of runs and of everything else: pages, filters and counts are the same as of the whole list', async () => {
    const own = await api.tenant();
    const ownYard = await createYard(api.db, own.workspaceId);
    const agent = await ownYard.addAgent();
    for (let batch = 0; batch < 5; batch++) {
      await ownYard.addRuns(await ownYard.addDeployment(), 3, { tags: [`batch-${batch}`] });
      await own.owner.events.emit({ events: [{ name: 'a.b', resource: { id: `thing-${batch}` } }] });
      for (const run of (await ownYard.claim(agent, 3)).runs) await ownYard.permit(agent, run);
      await drain();
    }
    const { items: all } = await own.owner.events.list({ after: 0, limit: 200 });
    expect(all.filter(({ name }) => name.startsWith('run.'))).toHaveLength(45);
    expect(all.map(({ position }) => position)).toEqual(all.map(({ position }) => position).toSorted((a, b) => a - b));
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);

    const [run, parts] = [all.find(({ resource }) => resource.kind === 'run'), { deployment: '', tag: 'batch-3' }];
    parts.deployment = run?.related.find(({ role }) => role === 'deployment')?.id ?? '';
    type Filter = Parameters<typeof own.owner.events.list>[0];
    const filters: [Filter, (event: (typeof all)[number]) => boolean][] = [
      [{}, () => true],
      [{ names: ['run.*', '!*.Pending'] }, ({ name }) => name.startsWith('run.') && name !== 'run.Pending'],
      [{ resource: run?.resource.id }, ({ resource }) => resource.id === run?.resource.id],
      [{ about: parts.tag }, ({ related }) => related.some(({ id }) => id === parts.tag)],
      [
        { about: parts.deployment, names: ['run.Running'] },
        (event) => event.name === 'run.Running' && event.related.some(({ id }) => id === parts.deployment),
      ],
      [{ text: 'BATCH-2' }, ({ related }) => related.some(({ id }) => id === 'batch-2')],
      [{ text: '"from": "pending"' }, ({ payload }) => payload.from === 'Pending'],
      [{ from: all[20]?.receivedAt }, ({ receivedAt }) => receivedAt >= (all[20]?.receivedAt ?? '')],
    ];
    for (const [filter, fits] of filters) {
      const expected = all.filter(fits).map(({ position }) => position);
      expect(expected.length).toBeGreaterThan(0);
      const paged: number[] = [];
      for (let cursor: string | null = ''; cursor !== null; ) {
        const page: Awaited<ReturnType<typeof own.owner.events.list>> = await own.owner.events.list({
          ...filter,
          limit: 4,
          ...(cursor && { cursor }),
        });
        paged.push(...page.items.map(({ position }) => position));
        cursor = page.nextCursor;
      }
      expect(paged).toEqual(expected.toReversed());
      // The same when hardly any are walked through, and indexes are asked for the others.
      const effort = { rows: 2, blocks: 1, times: 1 };
      const near = await api.db.inWorkspaceSql(own.workspaceId, (sql) =>
        readEvents(sql, own.workspaceId, filter, { cursor: null, after: null, limit: 200 }, effort),
      );
      expect(near.map(({ position }) => position)).toEqual(expected.toReversed());
      // Nor is anything left out where each page ends early.
      const searched: number[] = [];
      for (let cursor: number | null | undefined; cursor !== null; ) {
        const page = await api.db.inWorkspaceSql(own.workspaceId, (sql) =>
          readPage(sql, own.workspaceId, filter, { cursor: cursor ?? null, after: null, limit: 200 }, effort),
        );
        searched.push(...page.events.map(({ position }) => position));
        cursor = page.searched;
      }
      expect(searched).toEqual(expected.toReversed());
      const onward = await api.db.inWorkspaceSql(own.workspaceId, (sql) =>
        readEvents(sql, own.workspaceId, filter, { cursor: null, after: (expected[0] ?? 0) - 1, limit: 200 }, effort),
      );
      expect(onward.map(({ position }) => position)).toEqual(expected);
      const after = expected[Math.floor(expected.length / 2)] ?? 0;
      const { items } = await own.owner.events.list({ ...filter, after, limit: 200 });
      expect(items.map(({ position }) => position)).toEqual(expected.filter((position) => position > after));
      for (const by of ['name', 'resource', 'time'] as const) {
        const { counts } = await own.owner.events.count({ ...filter, by, seconds: 604_800 });
        expect(counts.reduce((sum, { count }) => sum + count, 0)).toBe(expected.length);
        if (by === 'name') expect(new Set(counts.map(({ key }) => key))).toEqual(new Set(all.filter(fits).map(({ name }) => name)));
      }
    }
  });

  it('is searched by index for one workspace alone', async () => {
    const [own, stranger] = [await api.tenant(), await api.tenant()];
    await own.owner.events.emit({ events: [{ name: 'a.b', resource: { id: 'mine' } }] });
    await drain();
    const ask = (of: Tenant) =>
      api.db.inWorkspaceSql(of.workspaceId, (sql) =>
        sql.query(
          `SELECT * FROM signalbox_find_about($1, false, 'mine', NULL, NULL, true, NULL, current_date - 1, current_date + 1, 10, 10, NULL)`,
          [own.workspaceId],
        ),
      );
    expect([(await ask(own)).length, (await ask(stranger)).length]).toEqual([1, 0]);
  });

  it('is searched a piece of a day at a time, up to one that has too many', async () => {
    const own = await api.tenant();
    await own.owner.events.emit({ events: Array.from({ length: 40 }, () => ({ name: 'a.b', resource: { id: 'many' } })) });
    await drain();
    const { items } = await own.owner.events.list({ after: 0, names: ['a.b'], limit: 200 });
    const [positions, day] = [items.map(({ position }) => position), items[0]?.receivedAt.slice(0, 10) ?? ''];
    const ask = (forward: boolean, asked: { wanted: number; most: number; span?: number }) =>
      api.db.inWorkspaceSql(own.workspaceId, (sql) =>
        findAbout(sql, {
          ...{ workspaceId: own.workspaceId, ofBlocks: false, thing: 'many', run: null, names: null, forward, span: 1, ...asked },
          beyond: forward ? (positions[9] ?? 0) : (positions[30] ?? 0),
          days: { begin: day, end: day },
        }),
      );
    const places = async (forward: boolean, asked: { wanted: number; most: number }) => {
      const { placed, dense } = await ask(forward, asked);
      return { places: placed.map(({ place }) => place).sort((a, b) => a - b), at: dense?.at };
    };
    // Pieces of two, five and seventeen.
    expect(await places(true, { wanted: 3, most: 20 })).toEqual({ places: positions.slice(10, 17), at: undefined });
    expect(await places(true, { wanted: 100, most: 20 })).toEqual({ places: positions.slice(10), at: undefined });
    // One of five is too much, and is looked up in two.
    expect(await places(true, { wanted: 100, most: 4 })).toEqual({ places: positions.slice(10), at: undefined });
    expect(await places(false, { wanted: 3, most: 20 })).toEqual({ places: positions.slice(23, 30), at: undefined });
    expect(await places(false, { wanted: 100, most: 4 })).toEqual({ places: positions.slice(0, 30), at: undefined });
    // However wide pieces have grown over many days.
    expect((await ask(true, { wanted: 100, most: 100, span: 3e18 })).placed).toHaveLength(30);
    expect((await ask(true, { wanted: 100, most: 1 })).dense).toEqual({ day, at: positions[9] });
  });

  it('is counted to the second at the ends of a range, and by whole bins between them', async () => {
    const own = await api.tenant();
    await own.owner.events.emit({ events: Array.from({ length: 10 }, (_, i) => ({ name: `a.${i % 2}`, resource: { id: 'x' } })) });
    await drain();
    // Spread over ten hours, as if they had come so; what was counted at sequencing is counted anew.
    const begun = new Date(Math.floor(Date.now() / 86_400_000) * 86_400_000 + 60_000).getTime();
    await api.db.systemSql.query('DELETE FROM event_tally WHERE workspace_id = $1', [own.workspaceId]);
    const copy = `INSERT INTO event (day, position, workspace_id, id, occurred_at, received_at, name, resource_id, resource, related, payload)
      SELECT day, position, workspace_id, gen_random_uuid(), occurred_at, $2::timestamptz + (row_number() OVER (ORDER BY position)) * interval '47 minutes',
        name, resource_id, resource, related, payload FROM gone`;
    await api.db.systemSql.query(`WITH gone AS (DELETE FROM event WHERE workspace_id = $1 RETURNING *) ${copy}`, [
      own.workspaceId,
      new Date(begun),
    ]);
    const at = (n: number, seconds = 0) => new Date(begun + n * 2_820_000 + seconds * 1_000).toISOString();
    for (const [from, to] of [
      [at(1), at(10, 1)],
      [at(2), at(9)],
      [at(2, 1), at(9, 1)],
      [at(3, -1), undefined],
      [undefined, at(4)],
      [at(5), at(5, 1)],
    ] as const) {
      const { items } = await own.owner.events.list({ from, to, limit: 200 });
      expect(items.length).toBeGreaterThan(0);
      // An open end is now: a thousand bars of a minute do not reach back from every hour of the day.
      for (const seconds of to === undefined ? [300, 1_800, 43_200] : [60, 300, 1_800, 43_200]) {
        const { counts } = await own.owner.events.count({ from, to, by: 'time', seconds });
        expect(counts.reduce((sum, { count }) => sum + count, 0)).toBe(items.length);
      }
      const byName = (await own.owner.events.count({ from, to, by: 'name', names: ['a.1'] })).counts;
      expect(byName[0]?.count ?? 0).toBe(items.filter(({ name }) => name === 'a.1').length);
    }
  });

  it('finds what follows an event, however much came between', async () => {
    const own = await api.tenant();
    const emit = async (name: string, follows?: string) => {
      const { ids } = await own.owner.events.emit({ events: [{ name, resource: { id: 'x' }, follows }] });
      await drain();
      return ids[0] ?? '';
    };
    const id = await emit('a.cause');
    const [cause] = (await own.owner.events.list({ names: ['a.cause'] })).items;
    await api.db.systemSql.query(
      `WITH s AS (UPDATE event_shard SET position = position + 10000 WHERE shard = 0 RETURNING position)
       INSERT INTO event (day, position, workspace_id, id, occurred_at, name, resource_id, resource, related, payload)
       SELECT (now() AT TIME ZONE 'UTC')::date, s.position - n, $1, gen_random_uuid(), now(), 'a.other', 'y', '{"id":"y"}', '[]', '{}' FROM s, generate_series(0, 9999) AS n`,
      [own.workspaceId],
    );
    await emit('a.effect', id);
    const links = { ids: [], follows: [id], from: cause?.position ?? 0, at: cause?.receivedAt ?? '', forward: true };
    const found = await api.db.inWorkspaceSql(own.workspaceId, (sql) => findLinked(sql, own.workspaceId, links));
    expect(found.map(({ name }) => name)).toEqual(['a.effect']);
  });

  it('drops a day whole when its time is over, and has the week ahead', async () => {
    const leaves = async () =>
      (
        await api.db.systemSql.query(`SELECT relname FROM pg_class WHERE relname ~ '^event_[0-9]{8}$' AND relispartition ORDER BY 1`)
      ).rows.map(({ relname }) => relname as string);
    const today = new Date('2030-05-05T12:00:00Z');
    await keepEventDays(api.db.systemSql, today);
    expect(await leaves()).toEqual(['05', '06', '07', '08', '09', '10', '11', '12'].map((day) => `event_203005${day}`));
    expect(await keepEventDays(api.db.systemSql, today)).toBe(0);
    // The days of the other tests went too.
    await keepEventDays(api.db.systemSql);
  });
});

describe('a trigger', () => {
  it('is replayed on the events that were: how often, when and at which it would have fired', async () => {
    const own = await api.tenant();
    await own.owner.events.emit({ events: ['a', 'b', 'a', 'a'].map((name) => ({ name: `order.${name}`, resource: { id: 'o-1' } })) });
    await drain();
    const trigger: TriggerInput = { type: 'event', expect: ['order.a'], threshold: 2, withinSeconds: 60 };
    const reply = await own.owner.events.replay({ trigger });
    expect(reply).toMatchObject({ events: 3, count: 1, firings: [{ event: { name: 'order.a', resource: { id: 'o-1' } } }] });
    // More than are played, of names that are none of its business.
    await api.db.systemSql.query(
      `WITH s AS (UPDATE event_shard SET position = position + 21000 WHERE shard = 0 RETURNING position)
       INSERT INTO event (day, position, workspace_id, id, occurred_at, name, resource_id, resource, related, payload)
       SELECT (now() AT TIME ZONE 'UTC')::date, s.position - n, $1, gen_random_uuid(), now(), 'noise', 'y', '{"id":"y"}', '[]', '{}' FROM s, generate_series(0, 20999) AS n`,
      [own.workspaceId],
    );
    const narrow = await own.owner.events.replay({ trigger });
    expect(narrow).toMatchObject({ events: 3, count: 1 });
    expect(Date.parse(narrow.since)).toBeLessThan(Date.now() - 6 * 86_400_000);
    const any = await own.owner.events.replay({ trigger: { type: 'event', match: { id: 'o-1' } } });
    expect(any).toMatchObject({ events: 20_000, count: 0 });
    expect((await (await api.tenant()).owner.events.replay({ trigger })).count).toBe(0);
  });
});
