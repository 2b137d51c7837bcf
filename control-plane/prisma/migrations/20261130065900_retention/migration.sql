-- Days of history are dropped when their time is over; what is under legal hold, lives or ended lately outlives them.
SET lock_timeout = '5s';

-- What must not go, whatever its age: everything of a workspace (both null), the runs of a deployment, or one run.
CREATE TABLE legal_hold (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL REFERENCES workspace ON DELETE CASCADE,
  deployment_id uuid,
  run_id uuid,
  reason text NOT NULL,
  created_by text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  released_by text,
  released_at timestamptz,
  CHECK (deployment_id IS NULL OR run_id IS NULL)
);
-- Those in force: asked for each run that may go.
CREATE INDEX legal_hold_in_force ON legal_hold (workspace_id) WHERE released_at IS NULL;

DO $$
BEGIN
  ALTER TABLE legal_hold ENABLE ROW LEVEL SECURITY;
  ALTER TABLE legal_hold FORCE ROW LEVEL SECURITY;
  CREATE POLICY owner_all ON legal_hold TO signalbox_owner USING (true) WITH CHECK (true);
  CREATE POLICY system_all ON legal_hold TO signalbox_system USING (true) WITH CHECK (true);
  CREATE POLICY app_workspace ON legal_hold TO signalbox_app
    USING (workspace_id = (SELECT nullif(current_setting('signalbox.workspace', true), '')::uuid));
  GRANT SELECT, INSERT, UPDATE, DELETE ON legal_hold TO signalbox_system;
  -- Never deleted by hand: who held what, and who let it go, stays.
  GRANT SELECT, INSERT, UPDATE ON legal_hold TO signalbox_app;
END $$;

-- The only way for a request to change how long its workspace keeps runs: to one of the choices, whose days were made before.
-- Domain: RETENTION_DAYS in control-plane/src/domain/rules/retention.ts.
CREATE FUNCTION set_retention_days(days integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
  IF days <> ALL (ARRAY[1, 3, 7, 14, 30, 60, 90, 180, 365]) THEN
    RAISE EXCEPTION 'runs are kept for 1, 3, 7, 14, 30, 60, 90, 180 or 365 days, got %', days;
  END IF;
  UPDATE public.workspace SET retention_class = 'd' || days WHERE id = nullif(current_setting('signalbox.workspace', true), '')::uuid;
END $$;
REVOKE ALL ON FUNCTION set_retention_days(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION set_retention_days(integer) TO signalbox_app;

-- Whether a hold in force names this run, its deployment or its workspace. Index: legal_hold_in_force.
CREATE FUNCTION is_held(p_workspace uuid, p_deployment uuid, p_run uuid) RETURNS boolean LANGUAGE sql STABLE
  RETURN EXISTS (
    SELECT FROM legal_hold h WHERE h.workspace_id = p_workspace AND h.released_at IS NULL
      AND coalesce(h.run_id = p_run, true) AND coalesce(h.deployment_id = p_deployment, true));

-- The instant from which a day's runs are over: those that ended on the day after it have been kept their whole time.
-- Domain: control-plane/src/domain/rules/retention.ts says the same.
CREATE FUNCTION signalbox_day_closes_at(class text, day date) RETURNS timestamptz LANGUAGE sql IMMUTABLE
  RETURN (day + 1 + substr(class, 2)::integer)::timestamp AT TIME ZONE 'UTC';

-- Whether a run must stay at an instant: it lives, ended less than one retention ago, or is held.
CREATE FUNCTION run_must_stay(r run, at timestamptz) RETURNS boolean LANGUAGE sql STABLE
  RETURN r.ended_at IS NULL OR r.ended_at > at - substr(r.retention_class, 2)::integer * interval '1 day'
    OR EXISTS (SELECT FROM run_dispatch d WHERE d.run_id = r.id) OR is_held(r.workspace_id, r.deployment_id, r.id);

-- The tables that hold what belongs to runs, and the column that carries the run's day; `run` itself last.
CREATE FUNCTION signalbox_run_tables() RETURNS TABLE (parent text, day_column text) LANGUAGE sql STABLE AS $$
  SELECT c.relname::text, CASE c.relname WHEN 'run' THEN 'id' ELSE 'run_id' END
  FROM pg_partitioned_table p JOIN pg_class c ON c.oid = p.partrelid
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = p.partattrs[0]
  WHERE c.relnamespace = 'public'::regnamespace AND p.partstrat = 'l' AND a.attname = 'retention_class'
  ORDER BY c.relname = 'run', c.relname
$$;

-- Days that have a leaf of their own, by class, oldest first.
CREATE FUNCTION signalbox_days() RETURNS TABLE (class text, day date) LANGUAGE sql STABLE AS $$
  SELECT split_part(relname, '_', 2), to_date(split_part(relname, '_', 3), 'YYYYMMDD')
  FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname ~ '^run_d[0-9]+_[0-9]{8}$' ORDER BY 1, 2
$$;

-- Drops one day of one class at an instant: 'dropped', or 'stays' when more than `most` of its runs must be kept, or when
-- something is kept and an older day still stands; who calls thins those out. What is kept moves to the leaf `_kept`,
-- which reaches from the beginning of time to the oldest day: one transaction, so nobody ever sees a run twice or not at all.
-- Locks: the advisory lock that placing a hold shares, then each class's table, for as long as the copy takes.
CREATE FUNCTION signalbox_drop_day(class text, day date, at timestamptz, most integer, OUT outcome text, OUT kept integer)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
  low uuid := public.signalbox_day_floor(day); high uuid := public.signalbox_day_floor(day + 1);
  ids uuid[]; part record; list_name text; leaf text; kept_leaf text;
BEGIN
  IF class !~ '^d[0-9]{1,4}$' THEN
    RAISE EXCEPTION 'retention class must be d and a number of days, got %', class;
  END IF;
  IF at < public.signalbox_day_closes_at(class, day) + interval '1 hour' THEN
    RAISE EXCEPTION 'day % of class % is not over at %', day, class, at;
  END IF;
  PERFORM pg_advisory_xact_lock(hashtext('signalbox_ensure_days'));
  -- Primary key of the day's leaf.
  ids := ARRAY(SELECT r.id FROM public.run r WHERE r.retention_class = class AND r.id >= low AND r.id < high AND public.run_must_stay(r, at)
    LIMIT most + 1);
  kept := cardinality(ids);
  IF kept > most OR (kept > 0 AND EXISTS (SELECT FROM public.signalbox_days() d WHERE d.class = signalbox_drop_day.class AND d.day < signalbox_drop_day.day)) THEN
    outcome := 'stays';
    RETURN;
  END IF;

  FOR part IN SELECT * FROM public.signalbox_run_tables() LOOP
    list_name := part.parent || '_' || class;
    leaf := list_name || '_' || to_char(day, 'YYYYMMDD');
    kept_leaf := list_name || '_kept';
    CONTINUE WHEN to_regclass('public.' || leaf) IS NULL;
    IF kept > 0 THEN
      IF to_regclass('public.' || kept_leaf) IS NULL THEN
        EXECUTE format('CREATE TABLE public.%I (LIKE public.%I INCLUDING ALL)', kept_leaf, list_name);
        EXECUTE format('ALTER TABLE public.%I ENABLE ROW LEVEL SECURITY', kept_leaf);
      ELSE
        EXECUTE format('ALTER TABLE public.%I DETACH PARTITION public.%I', list_name, kept_leaf);
        EXECUTE format('ALTER TABLE public.%I NO FORCE ROW LEVEL SECURITY', kept_leaf);
      END IF;
      -- Read through the parent, whose policy lets the owner; written into the leaf itself, while it is not forced.
      EXECUTE format('INSERT INTO public.%I SELECT * FROM public.%I WHERE retention_class = $1 AND %I = ANY ($2)',
        kept_leaf, part.parent, part.day_column) USING class, ids;
      EXECUTE format('ALTER TABLE public.%I FORCE ROW LEVEL SECURITY', kept_leaf);
    END IF;
    EXECUTE format('DROP TABLE public.%I', leaf);
    IF kept > 0 THEN
      EXECUTE format('ALTER TABLE public.%I ATTACH PARTITION public.%I FOR VALUES FROM (MINVALUE) TO (%L)', list_name, kept_leaf, high);
    END IF;
  END LOOP;
  outcome := 'dropped';
END $$;

REVOKE ALL ON FUNCTION signalbox_drop_day(text, date, timestamptz, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION signalbox_drop_day(text, date, timestamptz, integer) TO signalbox_system;
