-- States of runs are most of what happens. They are appended a statement at a time and kept a batch at a time: what many of
-- them share (name, payload, what their runs belong to) is written once, and one index entry serves a batch.
-- Everything else goes on as before, an event a row. The build before this one positions and reads that alone.
SET lock_timeout = '5s';

-- Changes of state that have no position yet: runs that one statement brought into one state. Numbered with event_inbox.
CREATE TABLE event_change (
  n bigint NOT NULL DEFAULT nextval('event_inbox_n_seq') PRIMARY KEY,
  workspace_id uuid NOT NULL,
  name text NOT NULL,
  run_ids uuid[] NOT NULL,
  -- As many as runs, or one for all.
  occurred_at timestamptz[] NOT NULL,
  payload jsonb,
  -- Of an end: as many as runs, null where user code was not called.
  started_at timestamptz[]
);

-- Changes of state of one workspace that got their positions in one batch; control-plane/src/features/events/block.ts reads `body`.
CREATE TABLE event_block (
  day date NOT NULL,
  first_position bigint NOT NULL,
  last_position bigint NOT NULL,
  workspace_id uuid NOT NULL,
  received_at timestamptz NOT NULL,
  -- Each once.
  run_ids uuid[] NOT NULL,
  -- How many of each name: { "run.Running": 12 }.
  names jsonb NOT NULL,
  -- What the runs belong to, each set once: [[{ role, id, name }]].
  labels jsonb NOT NULL,
  body json NOT NULL,
  PRIMARY KEY (last_position, day)
) PARTITION BY RANGE (day);
-- The feed of a workspace, both ways.
CREATE INDEX event_block_feed ON event_block (workspace_id, last_position);
-- What happened to one run. Ids grow with time, so that new ones lie together; no list of what is pending, which would write them twice.
CREATE INDEX event_block_of_run ON event_block USING gin (run_ids) WITH (fastupdate = off);

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['event_change', 'event_block'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY owner_all ON %I TO signalbox_owner USING (true) WITH CHECK (true)', t);
    EXECUTE format('CREATE POLICY system_all ON %I TO signalbox_system USING (true) WITH CHECK (true)', t);
    EXECUTE format('CREATE POLICY app_workspace ON %I TO signalbox_app
      USING (workspace_id = (SELECT nullif(current_setting(''signalbox.workspace'', true), '''')::uuid))', t);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO signalbox_system', t);
  END LOOP;
END $$;
GRANT SELECT ON event_block TO signalbox_app;

-- Leaves of both tables: those of `days` days from `first_day` are made, those before `keep_from` dropped. Safe to repeat.
CREATE OR REPLACE FUNCTION signalbox_event_days(first_day date, days integer, keep_from date) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE parent text; leaf text; day date; done integer := 0;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('signalbox_event_days'));
  FOREACH parent IN ARRAY ARRAY['event', 'event_block'] LOOP
    FOR i IN 0 .. days - 1 LOOP
      day := first_day + i;
      leaf := parent || '_' || to_char(day, 'YYYYMMDD');
      IF to_regclass('public.' || leaf) IS NULL THEN
        EXECUTE format('CREATE TABLE public.%I (LIKE public.%I INCLUDING ALL)', leaf, parent);
        EXECUTE format('ALTER TABLE public.%I ENABLE ROW LEVEL SECURITY', leaf);
        EXECUTE format('ALTER TABLE public.%I FORCE ROW LEVEL SECURITY', leaf);
        EXECUTE format('ALTER TABLE public.%I ATTACH PARTITION public.%I FOR VALUES FROM (%L) TO (%L)', parent, leaf, day, day + 1);
        done := done + 1;
      END IF;
    END LOOP;
    FOR leaf IN SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
      WHERE i.inhparent = ('public.' || parent)::regclass AND c.relname < parent || '_' || to_char(keep_from, 'YYYYMMDD') LOOP
      EXECUTE format('DROP TABLE public.%I', leaf);
      done := done + 1;
    END LOOP;
  END LOOP;
  RETURN done;
END $$;
SELECT signalbox_event_days((now() AT TIME ZONE 'UTC')::date - 1, 9, (now() AT TIME ZONE 'UTC')::date - 30);

-- One row for the runs of a statement that share name and payload, 200 at most.
CREATE OR REPLACE FUNCTION signalbox_run_made() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
  INSERT INTO event_change (workspace_id, name, run_ids, occurred_at)
  SELECT workspace_id, 'run.' || state_name, array_agg(run_id),
    CASE WHEN min(state_at) = max(state_at) THEN ARRAY[min(state_at)] ELSE array_agg(state_at) END
  FROM (SELECT workspace_id, state_name, run_id, state_at, row_number() OVER () / 200 AS part FROM new_rows) n
  GROUP BY workspace_id, state_name, part;
  RETURN NULL;
END $$;
-- Hash joins are on: the functions of the hot path switch them off, and a batch would be compared with itself.
CREATE OR REPLACE FUNCTION signalbox_run_moved() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public SET enable_hashjoin = on AS $$
BEGIN
  INSERT INTO event_change (workspace_id, name, run_ids, occurred_at, payload)
  SELECT workspace_id, name, array_agg(run_id), CASE WHEN min(at) = max(at) THEN ARRAY[min(at)] ELSE array_agg(at) END, payload
  FROM (
    SELECT x.*, row_number() OVER () / 200 AS part FROM (
      SELECT n.workspace_id, n.state_at AS at, 'run.' || n.state_name AS name, n.run_id,
        jsonb_strip_nulls(jsonb_build_object('message', n.state_message, 'attempt', n.attempt, 'from', o.state_name)) AS payload
      FROM new_rows n JOIN old_rows o ON o.run_id = n.run_id WHERE n.state_name <> o.state_name OR n.epoch <> o.epoch AND n.state_at <> o.state_at
      UNION ALL
      SELECT n.workspace_id, n.late_at, 'run.Late', n.run_id, jsonb_build_object('dueAt', n.due_at)
      FROM new_rows n JOIN old_rows o ON o.run_id = n.run_id WHERE n.late_at IS NOT NULL AND o.late_at IS NULL
    ) x
  ) x GROUP BY workspace_id, name, payload, part;
  RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION signalbox_run_ended() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public SET enable_hashjoin = on AS $$
BEGIN
  INSERT INTO event_change (workspace_id, name, run_ids, occurred_at, payload, started_at)
  SELECT workspace_id, name, array_agg(id), CASE WHEN min(ended_at) = max(ended_at) THEN ARRAY[min(ended_at)] ELSE array_agg(ended_at) END,
    payload, array_agg(started_at)
  FROM (
    SELECT n.workspace_id, n.ended_at, 'run.' || n.state_name AS name, n.id, n.started_at,
      jsonb_strip_nulls(jsonb_build_object('message', n.state_message, 'attempt', n.attempt)) AS payload, row_number() OVER () / 200 AS part
    FROM new_rows n JOIN old_rows o ON o.id = n.id WHERE n.ended_at IS NOT NULL AND n.state_name IS NOT NULL
      AND (o.ended_at IS DISTINCT FROM n.ended_at OR o.state_name IS DISTINCT FROM n.state_name)
  ) x GROUP BY workspace_id, name, payload, part;
  RETURN NULL;
END $$;
