/**
 * A month of events in minutes: written straight into the feed, as the sequencer leaves it. Of five events four are states of runs, in
 * blocks of five runs each; the fifth is a row of its own. Rare names and rare things are spread over the whole month.
 */
import pg from 'pg';

const DAYS = 30;
/** Of 25 positions, 20 are states of five runs, which one block holds; the last five are rows. */
const RUNS_A_BLOCK = 5;
const CHANGES_A_BLOCK = 4 * RUNS_A_BLOCK;
const ROWS_A_BATCH = 5;
export const EVENTS_A_BATCH = CHANGES_A_BLOCK + ROWS_A_BATCH;
export const DEPLOYMENTS = 1_000;
const THINGS = 200_000;

/** Its id as SQL makes it: 0 to 999. */
export const deploymentOf = (n: number): string => `deployment_${String(n).padStart(26, '0')}`;
/** Of the first row of batch `n`. */
export const thingOf = (n: number): string => `s3://raw/orders/${(n * 48_271) % THINGS}.csv`;
const DEPLOYMENT_SQL = (n: string) => `'deployment_' || lpad((${n})::text, 26, '0')`;

/** Names of rows: common ones in turn, and two that are rare. */
const NAMES = [
  'orders.file.arrived',
  'artifact.created',
  'command.variable.set',
  'asset.materialized',
  'orders.row.rejected',
  'agent.online',
];
/** One batch in so many fails one of its runs; one batch in so many crashes one, one has a row of a rare name. */
const FAILED_EVERY = 50;
const CRASHED_EVERY = 20_011;
const RARE_EVERY = 100_003;
export const RARE_NAME = 'backup.failed';

/** The last thousand deployments but one run now and then; the last one ran in one batch of so many. */
const RARE_DEPLOYMENT_EVERY = 50_021;
export const RARE_DEPLOYMENT = DEPLOYMENTS - 1;

/**
 * Days from the 29th before today to today, `count` events in all. Answers the position of the last. A day that is over is written without
 * indexes and then joined to the feed, which makes them; the last goes the way of all events.
 */
export async function writeFeed(databaseUrl: string, workspaceId: string, count: number): Promise<number> {
  const sql = new pg.Client({ connectionString: databaseUrl });
  await sql.connect();
  try {
    await sql.query(`SET synchronous_commit = off`);
    await sql.query(`SET statement_timeout = 0`);
    await sql.query(`SET maintenance_work_mem = '256MB'`);
    // What starting the system told is pushed aside: positions of the month come after it.
    const { rows } = await sql.query<{ position: string }>(
      'UPDATE event_shard SET position = position + 1000 WHERE shard = 0 RETURNING position',
    );
    const base = Number(rows[0]?.position);
    const batches = Math.round(count / EVENTS_A_BATCH);
    const perDay = Math.ceil(batches / DAYS);
    for (let day = 0; day < DAYS; day++) {
      const [from, to] = [day * perDay, Math.min(batches, (day + 1) * perDay)];
      // Today, up to now.
      const seconds = day === DAYS - 1 ? (Date.now() % 86_400_000) / 1_000 : 86_400;
      const values = [workspaceId, base, from, to - 1, DAYS - 1 - day, seconds / perDay];
      if (day === DAYS - 1) {
        await sql.query(BLOCKS('event_block'), values);
        await sql.query(ROWS('event'), values);
      } else await writePastDay(sql, new Date(Date.now() - (DAYS - 1 - day) * 86_400_000).toISOString().slice(0, 10), values);
      process.stderr.write(`\r  ${Math.min(to * EVENTS_A_BATCH, count).toLocaleString('en')} events`);
    }
    process.stderr.write('\n');
    const last = base + batches * EVENTS_A_BATCH;
    await sql.query('UPDATE event_shard SET position = $1 WHERE shard = 0', [last]);
    await sql.query('UPDATE automation_cursor SET position = $1, received_at = now()', [last]);
    for (const table of ['event', 'event_block', 'event_tally']) await sql.query(`VACUUM ANALYZE ${table}`);
    return last;
  } finally {
    await sql.end();
  }
}

async function writePastDay(sql: pg.Client, day: string, values: unknown[]): Promise<void> {
  await sql.query('BEGIN');
  const leafOf = (parent: string) => `${parent}_${day.replaceAll('-', '')}`;
  for (const [parent, insert] of [
    ['event_block', BLOCKS],
    ['event', ROWS],
  ] as const) {
    const leaf = leafOf(parent);
    await sql.query(`DROP TABLE IF EXISTS ${leaf}`);
    await sql.query(`CREATE TABLE ${leaf} (LIKE ${parent} INCLUDING DEFAULTS)`);
    await sql.query(insert(leaf), values);
    await sql.query(`ALTER TABLE ${parent} ATTACH PARTITION ${leaf} FOR VALUES FROM ('${day}') TO (date '${day}' + 1)`);
  }
  await sql.query(`
    WITH fine AS (
      SELECT workspace_id, date_bin('5 min', received_at, 'epoch') AS at, name, sum(count) AS count, min(first) AS first, max(last) AS last FROM (
        SELECT workspace_id, received_at, name, 1::bigint AS count, position AS first, position AS last FROM ${leafOf('event')}
        UNION ALL SELECT workspace_id, received_at, n.name, n.count::bigint, first_position, last_position
          FROM ${leafOf('event_block')} CROSS JOIN LATERAL jsonb_each_text(names) AS n (name, count)) e GROUP BY 1, 2, 3)
    INSERT INTO event_tally (workspace_id, span, at, name, count, first_position, last_position)
    SELECT workspace_id, 300, at, name, count, first, last FROM fine
    UNION ALL SELECT workspace_id, 3600, date_bin('1 hour', at, 'epoch'), name, sum(count), min(first), max(last) FROM fine GROUP BY 1, 3, 4`);
  for (const leaf of ['event', 'event_block'].map(leafOf)) {
    await sql.query(`ALTER TABLE ${leaf} ENABLE ROW LEVEL SECURITY`);
    await sql.query(`ALTER TABLE ${leaf} FORCE ROW LEVEL SECURITY`);
  }
  await sql.query('COMMIT');
}

/** When a batch was received: the day in even steps, up to now. */
const AT = `least(now(), (current_date - $5::int)::timestamptz + (b.n - $3::bigint) * $6::float8 * interval '1 second')`;
/** Which deployment the k-th run of a batch is of: low numbers run most. */
const DEPLOYMENT_OF = (k: string) =>
  `CASE WHEN b.n % ${RARE_DEPLOYMENT_EVERY} = 7 AND ${k} = 0 THEN ${RARE_DEPLOYMENT} ELSE ((b.n * 7919 + ${k} * 104729) % ${DEPLOYMENTS - 1}) * ((b.n * 31 + ${k} * 17) % 97) / 97 END`;

/** What the k-th run of a batch belongs to, as text of JSON. */
const LABELS_OF = (k: number) => {
  const [d, flow] = [`d${k}`, `d${k} / 4`];
  return (
    `'[{"role":"flow","id":"flow_' || lpad((${flow})::text, 26, '0') || '","name":"flow-' || ${flow}` +
    ` || '"},{"role":"deployment","id":"' || ${DEPLOYMENT_SQL(d)} || '","name":"every-hour","path":"flow-' || ${flow} || '/every-hour-' || ${d}` +
    ` || '"},{"role":"work-pool","id":"pool_' || lpad((${d} % 7)::text, 26, '0') || '","name":"pool-' || ${d} % 7 || '"}]'`
  );
};
const RUNS = Array.from({ length: RUNS_A_BLOCK }, (_, k) => k);

const BLOCKS = (table: string) => `
INSERT INTO ${table} (day, first_position, last_position, workspace_id, received_at, run_ids, names, labels, body)
SELECT (at AT TIME ZONE 'UTC')::date, first, first + ${CHANGES_A_BLOCK - 1}, $1::uuid, at,
  ARRAY[${RUNS.map(() => 'signalbox_uuidv7(at)').join(', ')}],
  CASE WHEN is_bad IS NULL THEN '{"run.Scheduled":5,"run.Pending":5,"run.Running":5,"run.Completed":5}'::jsonb
    ELSE jsonb_build_object('run.Scheduled', 5, 'run.Pending', 5, 'run.Running', 5, 'run.Completed', 4, is_bad, 1) END,
  ('[' || ${RUNS.map(LABELS_OF).join(" || ',' || ")} || ']')::jsonb,
  ('{"runs":[["calm-otter",0],["bold-heron",1],["keen-lynx",2],["warm-finch",3],["wise-crane",4]],"kinds":[["run.Scheduled",{}],["run.Pending",{"from":"Scheduled","attempt":1}],'
    || '["run.Running",{"from":"Pending","attempt":1}],["run.Completed",{"attempt":1}],["' || coalesce(is_bad, 'run.Failed') || '",{"attempt":1,"message":"the file is not there"}]],"events":[[0,'
    || (extract(epoch FROM at) * 1000)::bigint || ',0,0],[1,0,1,0],[1,1,2,0],[1,0,3,0],[1,0,4,0],[1,20,0,1],[1,0,1,1],[1,1,2,1],[1,0,3,1],[1,0,4,1],[1,9,0,2],[1,0,1,2],[1,1,2,2],[1,0,3,2],[1,0,4,2],'
    || '[1,900,0,' || CASE WHEN is_bad IS NULL THEN 3 ELSE 4 END || ',900],[1,10,1,3,900],[1,1,2,3,900],[1,0,3,3,900],[1,2,4,3,900]]}')::json
FROM (SELECT b.n, ${AT} AS at, $2::bigint + b.n * ${EVENTS_A_BATCH} + 1 AS first, ${RUNS.map((k) => `${DEPLOYMENT_OF(String(k))} AS d${k}`).join(', ')},
    CASE WHEN b.n % ${CRASHED_EVERY} = 11 THEN 'run.Crashed' WHEN b.n % ${FAILED_EVERY} = 3 THEN 'run.Failed' END AS is_bad
  FROM generate_series($3::bigint, $4::bigint) AS b (n)) b`;

const ROWS = (table: string) => `
INSERT INTO ${table} (day, position, workspace_id, id, occurred_at, received_at, name, resource_id, resource, related, payload)
SELECT (at AT TIME ZONE 'UTC')::date, $2::bigint + n * ${EVENTS_A_BATCH} + ${CHANGES_A_BLOCK + 1} + k, $1::uuid, gen_random_uuid(), at, at,
  CASE WHEN n % ${RARE_EVERY} = 5 AND k = 0 THEN '${RARE_NAME}' ELSE ('{${NAMES.join(',')}}'::text[])[1 + (n * ${ROWS_A_BATCH} + k) % ${NAMES.length}] END,
  's3://raw/orders/' || thing || '.csv', jsonb_build_object('id', 's3://raw/orders/' || thing || '.csv', 'kind', 'file'),
  jsonb_build_array(jsonb_build_object('role', 'deployment', 'id', ${DEPLOYMENT_SQL('d')}, 'name', 'every-hour', 'path', 'flow-' || d / 4 || '/every-hour-' || d),
    jsonb_build_object('role', 'actor', 'id', 'key_' || lpad((n % 12)::text, 26, '0'), 'name', 'importer', 'kind', 'api-key')),
  jsonb_build_object('rows', n % 10000, 'file', 'part-' || thing || '.parquet')
FROM (SELECT b.n, k, ${AT} AS at, (b.n * 48271 + k * 7) % ${THINGS} AS thing, ${DEPLOYMENT_OF('k')} AS d
  FROM generate_series($3::bigint, $4::bigint) AS b (n), generate_series(0, ${ROWS_A_BATCH - 1}) AS k ORDER BY b.n, k) b`;
