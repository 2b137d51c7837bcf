/**
 * Three replicas of the control plane under load: killed at random, replaced one by one, and migrated under their feet with a replica of
 * the previous commit among them. Clients are ordinary ones behind a balancer; every run that they were told of completes, once.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { toUuid } from '@signalbox/proto';
import type { RunDetail } from '@signalbox/proto/api';
import { deploy } from '@signalbox/sdk';
import { createClient } from '@signalbox/sdk/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Random } from '../chaos/random.ts';
import { addMigration, migrateWith, nextBuild, previousBuild } from '../test-support/builds.ts';
import { runTag } from '../test-support/run-tag.ts';
import { type System, startSystem } from '../test-support/system.ts';
import { deployments } from './flows/counted.ts';

const REPLICAS = ['control-plane', 'control-plane-2', 'control-plane-3'] as const;
const SEED = 20_261_130;
const KILLS = 4;
const RUNS_A_SECOND = 10;

/** A release that calls its function by another name: both names first, then the new one alone. */
const EXPAND = '99990101000000_permit_by_another_name';
const CONTRACT = '99990102000000_one_name_for_the_permit';
const EXPANDS = `
  DO $$ DECLARE named text; BEGIN
    -- Each of its signatures; one that takes less calls the one that takes all.
    FOR named IN SELECT pg_get_functiondef(oid) FROM pg_proc WHERE proname = 'grant_permit' ORDER BY pronargs DESC LOOP
      EXECUTE replace(named, 'grant_permit', 'give_permit');
    END LOOP;
    FOR named IN SELECT oid::regprocedure FROM pg_proc WHERE proname = 'give_permit' LOOP
      EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO signalbox_report', named);
    END LOOP;
  END $$;
  -- Also what a release usually adds: columns of tables that are written all the time.
  ALTER TABLE run ADD COLUMN added text;
  ALTER TABLE run_dispatch ADD COLUMN added text;
  ALTER TABLE event_inbox ADD COLUMN added text;`;
const CONTRACTS = `
  SELECT raise_schema_floor('${EXPAND}');
  DO $$ DECLARE named text; BEGIN
    FOR named IN SELECT oid::regprocedure FROM pg_proc WHERE proname = 'grant_permit' LOOP EXECUTE format('DROP FUNCTION %s', named); END LOOP;
  END $$;`;

const folder = mkdtempSync(join(tmpdir(), 'signalbox-replicas-'));
const next = join(folder, 'next');
let system: System;
let previous: ReturnType<typeof previousBuild>;

beforeAll(async () => {
  const starting = startSystem({ tag: runTag(), replicas: REPLICAS.length, agents: 2, slots: 6 });
  previous = previousBuild(join(folder, 'previous'));
  nextBuild(
    next,
    { [EXPAND]: EXPANDS },
    { file: 'control-plane/src/features/dispatch/store/claim-runs.ts', from: 'grant_permit(', to: 'give_permit(' },
  );
  system = await starting;
  const file = new URL('./flows/counted.ts', import.meta.url);
  await deploy(
    deployments.map((definition) => ({ ...definition, options: { ...definition.options, from: { url: file.href } } })),
    { client: system.client },
  );
});
afterAll(async () => {
  await system?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

/** Creates runs all the while `body` goes on, and expects each to be accepted, and to complete once. */
async function underLoad(body: () => Promise<void>): Promise<void> {
  const random = new Random(SEED);
  const notes = mkdtempSync(join(folder, 'notes-'));
  const client = createClient({ url: system.url, apiKey: system.apiKey, fetch: throughBalancer() });
  const over = new AbortController();
  const creating: Promise<{ id: RunDetail['id'] }>[] = [];
  const creates = (async () => {
    while (!over.signal.aborted) {
      const parameters = { folder: notes, ms: random.int(0, 400) };
      const one = client.runs.create.mutate({ deployment: 'counted/test', parameters, idempotencyKey: `${notes}-${creating.length}` });
      one.catch(() => {});
      creating.push(one);
      await delay(1_000 / RUNS_A_SECOND, undefined, { signal: over.signal }).catch(() => {});
    }
  })();
  try {
    await body();
  } finally {
    over.abort();
    await creates;
  }
  const outcomes = await Promise.allSettled(creating);
  expect(outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [String(outcome.reason)] : []))).toEqual([]);
  const accepted = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value.id] : [])).sort();
  await expect
    .poll(() => system.sql('SELECT run_id, state_name, agent_id FROM run_dispatch'), { timeout: 60_000, interval: 200 })
    .toEqual([]);
  const ended = await system.sql<{ state: string; count: number }>(
    `SELECT state_type AS state, count(*)::int AS count FROM run WHERE id = ANY ($1::uuid[]) GROUP BY 1`,
    [accepted.map((id) => toUuid('run', id))],
  );
  expect(ended).toEqual([{ state: 'COMPLETED', count: accepted.length }]);
  // Nothing that nobody was told of, nothing twice.
  for (const kind of ['starts', 'ends']) expect(readFileSync(join(notes, kind), 'utf8').trim().split('\n').sort()).toEqual(accepted);
  expect(await system.sql('SELECT * FROM holder')).toEqual([]);
  expect(accepted.length).toBeGreaterThan(20);
}

/** To the replica whose turn it is, and to the next where nobody listens: what a balancer does by default. The rest is the client's. */
function throughBalancer(): typeof fetch {
  let turn = 0;
  return async (input, init) => {
    const url = new URL(String(input instanceof Request ? input.url : input));
    for (let tries = 1; ; tries++) {
      url.port = new URL(system.urls[turn++ % system.urls.length] ?? '').port;
      try {
        return await fetch(url, init);
      } catch (error) {
        const { code } = (error as { cause?: { code?: string } }).cause ?? {};
        if (code !== 'ECONNREFUSED' || tries === system.urls.length) throw error;
      }
    }
  };
}

const said = (part: string): string => readFileSync(join(system.folder, `${part}.log`), 'utf8');

test(`replicas killed at random (seed ${SEED}) lose no run and start none twice`, async () => {
  const random = new Random(SEED);
  await underLoad(async () => {
    for (let kill = 0; kill < KILLS; kill++) {
      const replica = random.pick(REPLICAS);
      await system.kill(replica);
      await delay(random.int(0, 1_000));
      await system.start(replica);
    }
  });
});

test('an expand migration and a rolling restart pass unnoticed, with a replica of the previous commit among them', async () => {
  await underLoad(async () => {
    migrateWith(next, system.databaseUrl);
    const builds = { 'control-plane-3': previous.root, 'control-plane': next, 'control-plane-2': next };
    for (const [replica, root] of Object.entries(builds)) {
      await system.stop(replica);
      await system.start(replica, {}, root);
    }
    expect(said('control-plane-3')).toContain(`"ahead":[`);
    expect(said('control-plane')).not.toContain(`"ahead":[`);
  });
});

test('a contract migration stops the replica that is too old, and nothing else', async () => {
  const tooOld = new RegExp(`this build is too old for the database: it has to know migration ${EXPAND}`);
  await underLoad(async () => {
    addMigration(next, CONTRACT, CONTRACTS);
    migrateWith(next, system.databaseUrl);
    expect(await system.ended('control-plane-3')).toBe('exit code 1');
    expect(said('control-plane-3')).toMatch(new RegExp(`stopping: ${tooOld.source}`));
    await expect(system.start('control-plane-3', {}, previous.root)).rejects.toThrow(tooOld);
    await system.start('control-plane-3', {}, next);
  });
});
