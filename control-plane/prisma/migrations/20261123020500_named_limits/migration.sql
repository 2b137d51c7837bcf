-- Named limits: slots that user code takes while it runs, and rates. Taken and given back in one round trip each.
--
-- Occupancy is rows of `limit_holder`, owned by (run, epoch, request): inserted when slots are taken, deleted when they are
-- given back or in the transaction in which the run leaves the epoch (`write_moves`). The one number kept is a rate's
-- bucket: its level at an instant.
--
-- Lock order: the request (advisory), limits by id ascending, the run. Everything that frees a slot, or that looks who is
-- next, holds the limit's row: whoever began to wait in between is seen, or sees the room.

SET lock_timeout = '5s';

CREATE TABLE named_limit (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL REFERENCES workspace ON DELETE CASCADE,
  -- `tag:db` limits the task runs that carry the tag `db`.
  name text NOT NULL,
  description text NOT NULL DEFAULT '',
  -- 0: closed, everybody waits.
  slots integer NOT NULL CHECK (slots >= 0),
  -- While off, nobody is limited.
  active boolean NOT NULL DEFAULT true,
  -- Null: slots come back when they are given back. Else a rate: they come back by themselves, so many a second.
  decay_per_second double precision CHECK (decay_per_second > 0),
  bucket_level double precision NOT NULL DEFAULT 0,
  bucket_at timestamptz NOT NULL DEFAULT now(),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (workspace_id, name)
) WITH (fillfactor = 60); -- a rate is updated at every take: room for HOT
-- The list of limits, newest first.
CREATE INDEX named_limit_workspace ON named_limit (workspace_id, id DESC);

CREATE TABLE limit_holder (
  run_id uuid NOT NULL,
  -- Chosen by the process that takes: a repeat of the same request takes nothing more.
  request_id uuid NOT NULL,
  limit_id uuid NOT NULL REFERENCES named_limit ON DELETE CASCADE,
  workspace_id uuid NOT NULL,
  epoch bigint NOT NULL,
  slots integer NOT NULL CHECK (slots > 0),
  -- Null: taken by the flow's own code.
  task_ordinal integer,
  task_name text,
  taken_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (run_id, request_id, limit_id)
);
-- Counting who holds a limit, without reading the rows; the console's list of holders.
CREATE INDEX limit_holder_limit ON limit_holder (limit_id, taken_at) INCLUDE (slots);

-- A place in line. `line` is one number a request, so the first of all is the first of each of its limits: nobody waits in a circle.
CREATE TABLE limit_waiter (
  run_id uuid NOT NULL,
  request_id uuid NOT NULL,
  limit_id uuid NOT NULL REFERENCES named_limit ON DELETE CASCADE,
  workspace_id uuid NOT NULL,
  epoch bigint NOT NULL,
  slots integer NOT NULL CHECK (slots > 0),
  line bigint NOT NULL,
  task_ordinal integer,
  task_name text,
  since timestamptz NOT NULL DEFAULT clock_timestamp(),
  -- Served time of its last question. Who has not asked for 30 s is passed over, and keeps the place.
  asked_at timestamptz NOT NULL,
  PRIMARY KEY (run_id, request_id, limit_id)
) WITH (fillfactor = 70); -- asked again every few seconds: room for HOT
-- The line of a limit.
CREATE INDEX limit_waiter_line ON limit_waiter (limit_id, line);
CREATE SEQUENCE limit_line;

-- Requests that are done: given back (a late copy of the same request must take nothing) or answered from a rate (a repeat
-- must not take again). Swept after ten minutes: no copy is under way longer.
CREATE TABLE limit_receipt (
  run_id uuid NOT NULL,
  request_id uuid NOT NULL,
  workspace_id uuid NOT NULL,
  given_back boolean NOT NULL,
  made_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (run_id, request_id)
);
-- The sweep.
CREATE INDEX limit_receipt_made ON limit_receipt (made_at);

DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['named_limit', 'limit_holder', 'limit_waiter', 'limit_receipt'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY owner_all ON %I TO signalbox_owner USING (true) WITH CHECK (true)', t);
    EXECUTE format('CREATE POLICY system_all ON %I TO signalbox_system USING (true) WITH CHECK (true)', t);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO signalbox_system', t);
    EXECUTE format('CREATE POLICY app_workspace ON %I TO signalbox_app
      USING (workspace_id = (SELECT nullif(current_setting(''signalbox.workspace'', true), '''')::uuid))', t);
    EXECUTE format('CREATE POLICY report_workspaces ON %I TO signalbox_report
      USING (workspace_id = ANY ((SELECT string_to_array(nullif(current_setting(''signalbox.workspaces'', true), ''''), '','')::uuid[])::uuid[]))', t);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO signalbox_report', t);
  END LOOP;
END $$;
GRANT SELECT, INSERT, UPDATE, DELETE ON named_limit TO signalbox_app;
-- People see holders and waiters, and may free a slot; they take none. Runs that people move leave their slots.
GRANT SELECT, DELETE ON limit_holder, limit_waiter TO signalbox_app;
GRANT USAGE ON SEQUENCE limit_line TO signalbox_report, signalbox_system;

-- ---------------------------------------------------------------- the bucket and the line

-- How much of a rate is taken now. A clock that went back drains nothing.
CREATE FUNCTION bucket_now(level double precision, at timestamptz, decay double precision, now_at timestamptz) RETURNS double precision
LANGUAGE sql IMMUTABLE
  RETURN greatest(0, level - decay * greatest(0, extract(epoch FROM now_at - at)::double precision));

-- How long a waiter may be silent before others go first, served time.
CREATE FUNCTION waiter_silence() RETURNS interval LANGUAGE sql IMMUTABLE RETURN interval '30 seconds';

-- Runs whose turn it is on these limits: those first in line whom the free slots suffice for, and that ask.
-- The caller holds the limits' rows. Index: limit_waiter_line; reads as many waiters as there is room, and one.
CREATE FUNCTION next_in_line(p_limits uuid[]) RETURNS TABLE (workspace_id uuid, run_id uuid)
LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan SET jit = off SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
#variable_conflict use_column
DECLARE
  most CONSTANT integer := 1000;
  l record; w record; room double precision; woken integer;
BEGIN
  FOR l IN SELECT x.id, x.slots, x.active, x.decay_per_second AS decay, x.bucket_level, x.bucket_at FROM named_limit x WHERE x.id = ANY (p_limits) LOOP
    room := CASE WHEN NOT l.active THEN 'infinity'
      WHEN l.decay IS NOT NULL THEN l.slots - bucket_now(l.bucket_level, l.bucket_at, l.decay, clock_timestamp())
      ELSE l.slots - (SELECT coalesce(sum(h.slots), 0) FROM limit_holder h WHERE h.limit_id = l.id) END;
    woken := 0;
    FOR w IN SELECT x.workspace_id, x.run_id, x.slots FROM limit_waiter x
      WHERE x.limit_id = l.id AND x.asked_at > served_now() - waiter_silence() ORDER BY x.line LIMIT most
    LOOP
      -- One that asks for more than there ever is goes first and is told so.
      EXIT WHEN room < w.slots AND (l.slots = 0 OR w.slots <= l.slots);
      IF w.slots <= l.slots THEN room := room - w.slots; END IF;
      workspace_id := w.workspace_id; run_id := w.run_id;
      RETURN NEXT;
    END LOOP;
  END LOOP;
END $$;

-- The same after a commit, by who does not hold the limits yet: takes their rows, by id ascending.
CREATE FUNCTION wake_line(p_limits uuid[]) RETURNS TABLE (workspace_id uuid, run_id uuid)
LANGUAGE plpgsql SET jit = off SET enable_seqscan = off
AS $$
BEGIN
  PERFORM 1 FROM named_limit x WHERE x.id = ANY (p_limits) ORDER BY x.id FOR NO KEY UPDATE;
  RETURN QUERY SELECT DISTINCT n.workspace_id, n.run_id FROM next_in_line(p_limits) n;
END $$;

-- ---------------------------------------------------------------- take

-- Takes `p_slots` of each of these limits for a run, all or none. Answers
--   granted: { granted: true, unknown }
--   waits:   { granted: false, full: [names], unknown, retryInMs? }     it has a place in line now (not with p_wait = false)
--   refused: { refused: 'stale' | 'given-back' | 'unknown' | 'too-many' | 'no-rate' | 'line', ... }
-- Fair: nobody passes who came before, unless there is room for both. Limits that are off, or that nobody made, limit nobody.
-- Locks: the request, so that a copy and its giving back take turns; limits by id; the run, shared, so that it cannot
-- leave its epoch in between. Indexes: named_limit's unique one, limit_holder_limit, limit_waiter_line, primary keys.
CREATE FUNCTION acquire_slots(
  p_workspace uuid, p_agent uuid, p_run uuid, p_epoch bigint, p_request uuid, p_names text[], p_slots integer,
  p_strict boolean, p_rate_only boolean, p_wait boolean, p_task_ordinal integer, p_task_name text
) RETURNS jsonb
LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan SET jit = off SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
DECLARE
  max_line CONSTANT integer := 10000;
  max_of_run CONSTANT integer := 1000;
  l record; d record; served timestamptz := served_now(); at timestamptz;
  my_line bigint; ahead bigint; room double precision; fits boolean := true; retry_ms double precision;
  known text[] := '{}'; lacking text[] := '{}'; ids uuid[] := '{}'; rates uuid[] := '{}'; unknown text[]; given_back boolean;
BEGIN
  PERFORM set_config('signalbox.workspaces', p_workspace::text, true);
  PERFORM pg_advisory_xact_lock(hashtextextended(p_request::text, 0));
  SELECT min(w.line) INTO my_line FROM limit_waiter w WHERE w.run_id = p_run AND w.request_id = p_request;

  FOR l IN SELECT x.id, x.name, x.slots, x.active, x.decay_per_second AS decay, x.bucket_level, x.bucket_at
    FROM named_limit x WHERE x.workspace_id = p_workspace AND x.name = ANY (p_names) ORDER BY x.id FOR NO KEY UPDATE
  LOOP
    known := known || l.name;
    IF p_rate_only AND l.decay IS NULL THEN RETURN jsonb_build_object('refused', 'no-rate', 'limit', l.name); END IF;
    CONTINUE WHEN NOT l.active;
    IF p_slots > l.slots AND l.slots > 0 THEN
      DELETE FROM limit_waiter w WHERE w.run_id = p_run AND w.request_id = p_request;
      RETURN jsonb_build_object('refused', 'too-many', 'limit', l.name, 'slots', l.slots);
    END IF;
    ids := ids || l.id;
    IF l.decay IS NULL THEN
      room := l.slots - (SELECT coalesce(sum(h.slots), 0) FROM limit_holder h WHERE h.limit_id = l.id);
    ELSE
      rates := rates || l.id;
      at := clock_timestamp();
      -- The last billionth is the arithmetic's, not the limit's.
      room := l.slots - bucket_now(l.bucket_level, l.bucket_at, l.decay, at) + 1e-9;
    END IF;
    ahead := (SELECT coalesce(sum(w.slots), 0) FROM (
      SELECT w.slots FROM limit_waiter w
      WHERE w.limit_id = l.id AND (my_line IS NULL OR w.line < my_line) AND w.asked_at > served - waiter_silence()
      ORDER BY w.line LIMIT 1000) w);
    IF room < ahead + p_slots THEN
      fits := false;
      lacking := lacking || l.name;
      IF l.decay IS NOT NULL AND l.slots > 0 THEN retry_ms := greatest(retry_ms, (ahead + p_slots - room) / l.decay * 1000); END IF;
    END IF;
  END LOOP;
  unknown := ARRAY(SELECT n FROM unnest(p_names) n WHERE n <> ALL (known) ORDER BY n);
  IF p_strict AND array_length(unknown, 1) > 0 THEN RETURN jsonb_build_object('refused', 'unknown', 'unknown', to_jsonb(unknown)); END IF;

  PERFORM 1 FROM run_dispatch r WHERE r.run_id = p_run AND r.epoch = p_epoch AND r.agent_id = p_agent FOR SHARE;
  IF NOT FOUND THEN RETURN jsonb_build_object('refused', 'stale'); END IF;

  IF EXISTS (SELECT 1 FROM limit_holder h WHERE h.run_id = p_run AND h.request_id = p_request) THEN
    RETURN jsonb_build_object('granted', true, 'unknown', to_jsonb(unknown));
  END IF;
  SELECT r.given_back INTO given_back FROM limit_receipt r WHERE r.run_id = p_run AND r.request_id = p_request;
  IF given_back THEN RETURN jsonb_build_object('refused', 'given-back');
  ELSIF NOT given_back THEN RETURN jsonb_build_object('granted', true, 'unknown', to_jsonb(unknown));
  END IF;

  IF fits THEN
    IF my_line IS NOT NULL THEN DELETE FROM limit_waiter w WHERE w.run_id = p_run AND w.request_id = p_request; END IF;
    IF ids <> rates THEN
      INSERT INTO limit_holder (run_id, request_id, limit_id, workspace_id, epoch, slots, task_ordinal, task_name)
      SELECT p_run, p_request, u, p_workspace, p_epoch, p_slots, p_task_ordinal, p_task_name FROM unnest(ids) u WHERE u <> ALL (rates);
    END IF;
    IF rates <> '{}' THEN
      UPDATE named_limit x SET bucket_level = bucket_now(x.bucket_level, x.bucket_at, x.decay_per_second, at) + p_slots, bucket_at = at
      WHERE x.id = ANY (rates);
      IF ids = rates THEN INSERT INTO limit_receipt (run_id, request_id, workspace_id, given_back) VALUES (p_run, p_request, p_workspace, false); END IF;
    END IF;
    RETURN jsonb_build_object('granted', true, 'unknown', to_jsonb(unknown));
  END IF;

  IF NOT p_wait THEN
    IF my_line IS NOT NULL THEN DELETE FROM limit_waiter w WHERE w.run_id = p_run AND w.request_id = p_request; END IF;
  ELSE
    IF my_line IS NULL AND (
      (SELECT count(*) FROM (SELECT 1 FROM limit_waiter w WHERE w.run_id = p_run LIMIT max_of_run) x) >= max_of_run
      OR EXISTS (SELECT 1 FROM unnest(ids) u WHERE (SELECT count(*) FROM (SELECT 1 FROM limit_waiter w WHERE w.limit_id = u LIMIT max_line) x) >= max_line))
    THEN RETURN jsonb_build_object('refused', 'line'); END IF;
    my_line := coalesce(my_line, nextval('limit_line'));
    INSERT INTO limit_waiter AS w (run_id, request_id, limit_id, workspace_id, epoch, slots, line, task_ordinal, task_name, asked_at)
    SELECT p_run, p_request, u, p_workspace, p_epoch, p_slots, my_line, p_task_ordinal, p_task_name, served FROM unnest(ids) u
    ON CONFLICT (run_id, request_id, limit_id) DO UPDATE SET asked_at = excluded.asked_at;
    -- A limit that was switched off meanwhile is waited for no longer.
    DELETE FROM limit_waiter w WHERE w.run_id = p_run AND w.request_id = p_request AND w.limit_id <> ALL (ids);
  END IF;
  RETURN jsonb_strip_nulls(jsonb_build_object('granted', false, 'full', to_jsonb(lacking), 'unknown', to_jsonb(unknown),
    'retryInMs', ceil(retry_ms)::bigint));
END $$;

-- ---------------------------------------------------------------- give back

-- Gives back what a request took, or its place in line; answers the runs whose turn it is. Repeating it changes nothing, and
-- a copy of the request that comes after it takes nothing. What somebody else's run holds is not touched.
-- Locks as acquire_slots: the request, then limits by id.
CREATE FUNCTION release_slots(p_workspace uuid, p_agent uuid, p_run uuid, p_epoch bigint, p_request uuid)
RETURNS TABLE (workspace_id uuid, run_id uuid)
LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan SET jit = off SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
#variable_conflict use_column
DECLARE
  ids uuid[];
BEGIN
  PERFORM set_config('signalbox.workspaces', p_workspace::text, true);
  PERFORM pg_advisory_xact_lock(hashtextextended(p_request::text, 0));
  -- Not this agent's any more: its slots are freed by whoever took the run.
  PERFORM 1 FROM run_dispatch r WHERE r.run_id = p_run AND r.epoch = p_epoch AND r.agent_id = p_agent;
  IF NOT FOUND THEN RETURN; END IF;
  ids := ARRAY(
    SELECT h.limit_id FROM limit_holder h WHERE h.run_id = p_run AND h.request_id = p_request
    UNION SELECT w.limit_id FROM limit_waiter w WHERE w.run_id = p_run AND w.request_id = p_request);
  PERFORM 1 FROM named_limit x WHERE x.id = ANY (ids) ORDER BY x.id FOR NO KEY UPDATE;
  DELETE FROM limit_holder h WHERE h.run_id = p_run AND h.request_id = p_request;
  DELETE FROM limit_waiter w WHERE w.run_id = p_run AND w.request_id = p_request;
  INSERT INTO limit_receipt AS r (run_id, request_id, workspace_id, given_back) VALUES (p_run, p_request, p_workspace, true)
  ON CONFLICT (run_id, request_id) DO UPDATE SET given_back = true;
  RETURN QUERY SELECT DISTINCT n.workspace_id, n.run_id FROM next_in_line(ids) n;
END $$;
