-- Limits that are decided at claim time, order between queues, and what explains a wait.

SET lock_timeout = '5s';

-- ---------------------------------------------------------------- queues

-- Priorities of a pool's queues are 1, 2, 3 ... without gaps, each once. The API moves them with the pool's row locked.
UPDATE work_queue q SET priority = ranked.n
FROM (SELECT id, row_number() OVER (PARTITION BY pool_id ORDER BY priority, name <> 'default', id) AS n FROM work_queue) ranked WHERE q.id = ranked.id;
CREATE UNIQUE INDEX work_queue_pool_id_priority_key ON work_queue (pool_id, priority);

-- ---------------------------------------------------------------- explain

-- Who paused it, and since when: the newest entry about one thing.
CREATE INDEX audit_entry_target ON audit_entry (target_id, id DESC) WHERE target_id IS NOT NULL;

-- ---------------------------------------------------------------- limits by a key, and what a collision does

-- Written with every deploy from its `concurrency` (src/domain/rules/limit-key.ts).
ALTER TABLE deployment
  -- Most runs at once of each value of the key.
  ADD COLUMN key_limit integer CHECK (key_limit > 0),
  -- What the key is made of: text as it is, and paths into the parameters. [ "eu-", ["customer", "id"] ]
  ADD COLUMN key_parts jsonb,
  ADD COLUMN collision text NOT NULL DEFAULT 'ENQUEUE' CHECK (collision IN ('ENQUEUE', 'CANCEL_NEW', 'CANCEL_OLD')),
  -- How long a run may hold its slots before it has started; null: its launcher's start timeout.
  ADD COLUMN slot_grace_ms bigint CHECK (slot_grace_ms > 0);

ALTER TABLE run_dispatch
  -- Value of its deployment's key, made when the run was; null: it has none.
  ADD COLUMN limit_key text,
  -- Id of that key's limit: what it is parked on, and what holders are counted by.
  ADD COLUMN key_limit_id uuid;
ALTER TABLE holder ADD COLUMN key_limit_id uuid;
-- Holders of a key: the gate, waking, explain. Runs without a key are not in it.
CREATE INDEX holder_key ON holder (key_limit_id) WHERE key_limit_id IS NOT NULL;

-- The value of a key for these parameters (an envelope). What the parameters do not have counts as empty, so that no run
-- slips past the limit. Long values are kept as their digest.
CREATE FUNCTION run_key(p_parts jsonb, p_parameters jsonb) RETURNS text LANGUAGE sql IMMUTABLE STRICT
  RETURN (SELECT CASE WHEN octet_length(x.k) <= 200 THEN x.k ELSE 'sha256:' || encode(sha256(convert_to(x.k, 'UTF8')), 'hex') END
    FROM (SELECT string_agg(CASE jsonb_typeof(p.part) WHEN 'string' THEN p.part #>> '{}'
        ELSE coalesce(p_parameters #>> (ARRAY['body'] || ARRAY(SELECT jsonb_array_elements_text(p.part))), '') END, '' ORDER BY p.n) AS k
      FROM jsonb_array_elements(p_parts) WITH ORDINALITY AS p (part, n)) x);

-- The id under which all runs of one key count.
CREATE FUNCTION key_id(p_scope uuid, p_key text) RETURNS uuid LANGUAGE sql IMMUTABLE
  RETURN md5(p_scope::text || ':' || p_key)::uuid;

-- ---------------------------------------------------------------- order within a queue

ALTER TABLE work_queue
  -- `{{ parameters.customer }}`: keys take turns, whatever each has waiting. Null: by due instant alone.
  ADD COLUMN fair_by text,
  ADD COLUMN fair_parts jsonb;

ALTER TABLE run_dispatch
  -- Its key in a fair queue, and its start in the queue's virtual time, given while it was due at `ranked_due_at`.
  ADD COLUMN fair_key uuid,
  ADD COLUMN fair_rank timestamptz,
  ADD COLUMN ranked_due_at timestamptz,
  -- Order within the queue. Virtual time begins in the year 2000, so ranked runs go before those that are not ranked yet.
  -- A new due instant (a retry) takes the rank away by itself; the sweep gives another one when it is due.
  ADD COLUMN rank timestamptz NOT NULL GENERATED ALWAYS AS (CASE WHEN ranked_due_at = due_at THEN fair_rank ELSE due_at END) STORED;

DROP INDEX run_dispatch_claim;
-- The claim's index: best run of a queue first. Nothing of history is in it.
CREATE INDEX run_dispatch_claim ON run_dispatch (queue_id, rank, run_id) WHERE state_type = 'SCHEDULED' AND parked_on IS NULL;
DROP INDEX run_dispatch_parked;
-- What waits on a limit: woken when a slot is freed, in the order of claims.
CREATE INDEX run_dispatch_parked ON run_dispatch (parked_on, rank, run_id) WHERE parked_on IS NOT NULL;
-- How many of a pool's runs wait parked. Parked runs alone are in it.
CREATE INDEX run_dispatch_parked_pool ON run_dispatch (pool_id) WHERE parked_on IS NOT NULL;
-- The last start of a key in virtual time: a new run of it goes behind. Runs of fair queues alone.
CREATE INDEX run_dispatch_fair ON run_dispatch (fair_key, fair_rank) WHERE fair_key IS NOT NULL;
-- Runs of fair queues by due instant: which are late, which want a rank.
CREATE INDEX run_dispatch_fair_due ON run_dispatch (due_at) WHERE fair_key IS NOT NULL AND state_type = 'SCHEDULED';

-- Where the claim of a queue begins to read: below are no waiting runs, only index entries of runs that went, which a long
-- reader keeps from being cleaned. In a fair queue it is the queue's virtual time. A hint: whoever lets a run wait
-- again below lowers it, and the sweep of each second repairs the rest.
CREATE TABLE queue_mark (
  queue_id uuid PRIMARY KEY REFERENCES work_queue ON DELETE CASCADE,
  workspace_id uuid NOT NULL,
  rank timestamptz NOT NULL
) WITH (fillfactor = 50);
ALTER TABLE queue_mark ENABLE ROW LEVEL SECURITY;
ALTER TABLE queue_mark FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_all ON queue_mark TO signalbox_owner USING (true) WITH CHECK (true);
CREATE POLICY system_all ON queue_mark TO signalbox_system USING (true) WITH CHECK (true);
CREATE POLICY app_workspace ON queue_mark TO signalbox_app
  USING (workspace_id = (SELECT nullif(current_setting('signalbox.workspace', true), '')::uuid));
CREATE POLICY report_workspaces ON queue_mark TO signalbox_report
  USING (workspace_id = ANY ((SELECT string_to_array(nullif(current_setting('signalbox.workspaces', true), ''), ',')::uuid[])::uuid[]));
GRANT SELECT, INSERT, UPDATE, DELETE ON queue_mark TO signalbox_system;
-- Any transition may let a run wait again.
GRANT SELECT, UPDATE, DELETE ON queue_mark TO signalbox_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON queue_mark TO signalbox_report;

-- A run of a key starts this much after the one before it, in virtual time: only differences matter.
CREATE FUNCTION fair_step() RETURNS interval LANGUAGE sql IMMUTABLE RETURN interval '1 ms';

-- How far below its mark a queue is read: runs made by transactions that committed late. Rows are read by index; a wider
-- margin costs only dead entries of the last seconds.
CREATE FUNCTION mark_margin() RETURNS interval LANGUAGE sql IMMUTABLE RETURN interval '2 seconds';

-- The rank that the next run of a key gets in a fair queue: behind the key's own runs, and never before the queue's time.
CREATE FUNCTION next_fair_rank(p_queue uuid, p_key uuid) RETURNS timestamptz LANGUAGE sql STABLE
  RETURN greatest(
    coalesce((SELECT m.rank FROM queue_mark m WHERE m.queue_id = p_queue), timestamptz '2000-01-01 00:00:00Z'),
    (SELECT max(d.fair_rank) + fair_step() FROM run_dispatch d WHERE d.fair_key = p_key));

-- Lowers marks to runs that wait again below them. Locks marks by queue, ascending.
CREATE FUNCTION lower_marks(p_queues uuid[], p_ranks timestamptz[]) RETURNS void LANGUAGE sql AS $$
  UPDATE queue_mark m SET rank = low.rank
  FROM (
    SELECT k.queue_id, u.rank FROM queue_mark k
    JOIN (SELECT queue_id, min(rank) AS rank FROM unnest(p_queues, p_ranks) AS x (queue_id, rank) GROUP BY queue_id) u USING (queue_id)
    WHERE k.rank > u.rank ORDER BY k.queue_id FOR UPDATE OF k
  ) low WHERE m.queue_id = low.queue_id AND m.rank > low.rank
$$;
