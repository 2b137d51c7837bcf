-- Events: appended without position in the transaction of the change, then moved by a sequencer into the feed, in batches, under
-- the row lock of its shard. Readers see positions only: they follow commits, and have no gaps that are filled later.
SET lock_timeout = '5s';

-- What was appended and has no position yet. Emptied many times a second; no reader but the sequencer.
CREATE TABLE event_inbox (
  n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  workspace_id uuid NOT NULL,
  occurred_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  name text NOT NULL,
  -- Of a run: its resource and relations are read when the event gets its position, so that the hot path writes little.
  run_id uuid,
  resource jsonb,
  related jsonb,
  payload jsonb,
  id uuid,
  follows uuid
);

CREATE TABLE event_shard (shard smallint PRIMARY KEY, position bigint NOT NULL);
INSERT INTO event_shard VALUES (0, 0);

-- Partitioned by the day of sequencing: retention drops a day whole.
CREATE TABLE event (
  day date NOT NULL,
  position bigint NOT NULL,
  workspace_id uuid NOT NULL,
  id uuid NOT NULL,
  occurred_at timestamptz NOT NULL,
  received_at timestamptz NOT NULL DEFAULT now(),
  name text NOT NULL,
  resource_id text NOT NULL,
  resource jsonb NOT NULL,
  related jsonb NOT NULL,
  payload jsonb NOT NULL,
  follows uuid,
  PRIMARY KEY (position, day)
) PARTITION BY RANGE (day);
-- The feed of a workspace, newest first.
CREATE INDEX event_feed ON event (workspace_id, position DESC);
-- What happened to one thing.
CREATE INDEX event_of_resource ON event (workspace_id, resource_id, position DESC);

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['event', 'event_inbox', 'event_shard'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY owner_all ON %I TO signalbox_owner USING (true) WITH CHECK (true)', t);
    EXECUTE format('CREATE POLICY system_all ON %I TO signalbox_system USING (true) WITH CHECK (true)', t);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO signalbox_system', t);
  END LOOP;
  FOREACH t IN ARRAY ARRAY['event', 'event_inbox'] LOOP
    EXECUTE format('CREATE POLICY app_workspace ON %I TO signalbox_app
      USING (workspace_id = (SELECT nullif(current_setting(''signalbox.workspace'', true), '''')::uuid))', t);
  END LOOP;
END $$;
GRANT SELECT ON event TO signalbox_app;
GRANT INSERT ON event_inbox TO signalbox_app;

-- Makes leaves for `days` days from `first_day`, and drops those before `keep_from`. Safe to repeat.
CREATE FUNCTION signalbox_event_days(first_day date, days integer, keep_from date) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE leaf text; day date; done integer := 0;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('signalbox_event_days'));
  FOR i IN 0 .. days - 1 LOOP
    day := first_day + i;
    leaf := 'event_' || to_char(day, 'YYYYMMDD');
    IF to_regclass('public.' || leaf) IS NULL THEN
      EXECUTE format('CREATE TABLE public.%I (LIKE public.event INCLUDING ALL)', leaf);
      EXECUTE format('ALTER TABLE public.%I ENABLE ROW LEVEL SECURITY', leaf);
      EXECUTE format('ALTER TABLE public.%I FORCE ROW LEVEL SECURITY', leaf);
      EXECUTE format('ALTER TABLE public.event ATTACH PARTITION public.%I FOR VALUES FROM (%L) TO (%L)', leaf, day, day + 1);
      done := done + 1;
    END IF;
  END LOOP;
  FOR leaf IN SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'public.event'::regclass AND c.relname < 'event_' || to_char(keep_from, 'YYYYMMDD') LOOP
    EXECUTE format('DROP TABLE public.%I', leaf);
    done := done + 1;
  END LOOP;
  RETURN done;
END $$;
REVOKE ALL ON FUNCTION signalbox_event_days(date, integer, date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION signalbox_event_days(date, integer, date) TO signalbox_system;
SELECT signalbox_event_days((now() AT TIME ZONE 'UTC')::date - 1, 9, (now() AT TIME ZONE 'UTC')::date - 30);

-- Every change of a run's state appends its event, whichever statement made it: one insert a statement, not one a run.
-- Hash joins are on: the functions of the hot path switch them off, and a batch would be compared with itself.
CREATE FUNCTION signalbox_run_made() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
  INSERT INTO event_inbox (workspace_id, occurred_at, name, run_id)
  SELECT workspace_id, state_at, 'run.' || state_name, run_id FROM new_rows;
  RETURN NULL;
END $$;
CREATE FUNCTION signalbox_run_moved() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public SET enable_hashjoin = on AS $$
BEGIN
  INSERT INTO event_inbox (workspace_id, occurred_at, name, run_id, payload)
  SELECT n.workspace_id, n.state_at, 'run.' || n.state_name, n.run_id,
    jsonb_strip_nulls(jsonb_build_object('message', n.state_message, 'attempt', n.attempt, 'from', o.state_name))
  FROM new_rows n JOIN old_rows o ON o.run_id = n.run_id WHERE n.state_name <> o.state_name OR n.epoch <> o.epoch AND n.state_at <> o.state_at
  UNION ALL
  SELECT n.workspace_id, n.late_at, 'run.Late', n.run_id, jsonb_build_object('dueAt', n.due_at)
  FROM new_rows n JOIN old_rows o ON o.run_id = n.run_id WHERE n.late_at IS NOT NULL AND o.late_at IS NULL;
  RETURN NULL;
END $$;
CREATE FUNCTION signalbox_run_ended() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public SET enable_hashjoin = on AS $$
BEGIN
  INSERT INTO event_inbox (workspace_id, occurred_at, name, run_id, payload)
  SELECT n.workspace_id, n.ended_at, 'run.' || n.state_name, n.id,
    jsonb_strip_nulls(jsonb_build_object('message', n.state_message, 'attempt', n.attempt, 'startedAt', n.started_at))
  FROM new_rows n JOIN old_rows o ON o.id = n.id WHERE n.ended_at IS NOT NULL AND n.state_name IS NOT NULL
    AND (o.ended_at IS DISTINCT FROM n.ended_at OR o.state_name IS DISTINCT FROM n.state_name);
  RETURN NULL;
END $$;
CREATE FUNCTION signalbox_artifact_made() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
  INSERT INTO event_inbox (workspace_id, occurred_at, name, run_id, resource)
  SELECT workspace_id, created_at, 'artifact.created', run_id,
    jsonb_strip_nulls(jsonb_build_object('artifact', id, 'key', key, 'kind', kind)) FROM new_rows;
  RETURN NULL;
END $$;
-- Commands, from their audit row. That a run was made is told by the run itself, and an emitted event by itself.
CREATE FUNCTION signalbox_command_done() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
  INSERT INTO event_inbox (workspace_id, occurred_at, name, resource, related)
  SELECT workspace_id, at, 'command.' || action, jsonb_strip_nulls(jsonb_build_object('uuid', target_id, 'kind', target_kind)),
    jsonb_build_array(jsonb_build_object('role', 'actor', 'id', coalesce(actor_id::text, actor_kind), 'name', actor_name, 'kind', actor_kind))
  FROM new_rows WHERE workspace_id IS NOT NULL AND outcome = 'done' AND action NOT IN ('run.create', 'run.create-many', 'event.emit');
  RETURN NULL;
END $$;
CREATE TRIGGER events AFTER INSERT ON run_dispatch REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION signalbox_run_made();
CREATE TRIGGER events_moved AFTER UPDATE ON run_dispatch REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION signalbox_run_moved();
CREATE TRIGGER events AFTER UPDATE ON run REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION signalbox_run_ended();
CREATE TRIGGER events AFTER INSERT ON artifact REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION signalbox_artifact_made();
CREATE TRIGGER events AFTER INSERT ON audit_entry REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION signalbox_command_done();
