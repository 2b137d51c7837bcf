-- Runs that wait for a person: what they ask, and what was answered.

SET lock_timeout = '5s';

-- What a run's process was asked for and has not done yet, until it is so: { how, key, timeoutMs, message }.
ALTER TABLE run_dispatch ADD COLUMN wanted jsonb;

-- Served time of the agent's last renewal, and since when renewals have come without a gap: what it did not say in a
-- renewal counts only once it has been back for a while.
ALTER TABLE agent ADD COLUMN renewed_at timestamptz, ADD COLUMN contact_since timestamptz;

-- One question to a person. Open: neither answered nor void, while its run lives. Read by its run: primary key.
CREATE TABLE run_pause (
  retention_class text NOT NULL,
  run_id uuid NOT NULL,
  -- Epoch in which it was first asked. Later epochs of the run find the answer under the same key.
  epoch bigint NOT NULL,
  key text NOT NULL,
  workspace_id uuid NOT NULL,
  how text NOT NULL CHECK (how IN ('pause', 'suspend')),
  message text,
  -- JSON Schema of the input; null: none is taken.
  input_schema jsonb,
  timeout_ms bigint,
  -- Null: the flow itself.
  asked_by text,
  asked_at timestamptz NOT NULL DEFAULT now(),
  answered_at timestamptz,
  answered_by text,
  -- An envelope.
  answer jsonb,
  -- A retry by hand asks anew.
  void_at timestamptz,
  PRIMARY KEY (retention_class, run_id, epoch, key)
) PARTITION BY LIST (retention_class);

ALTER TABLE run_pause ENABLE ROW LEVEL SECURITY;
ALTER TABLE run_pause FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_all ON run_pause TO signalbox_owner USING (true) WITH CHECK (true);
CREATE POLICY system_all ON run_pause TO signalbox_system USING (true) WITH CHECK (true);
CREATE POLICY app_workspace ON run_pause TO signalbox_app
  USING (workspace_id = (SELECT nullif(current_setting('signalbox.workspace', true), '')::uuid));
CREATE POLICY report_workspaces ON run_pause TO signalbox_report
  USING (workspace_id = ANY ((SELECT string_to_array(nullif(current_setting('signalbox.workspaces', true), ''), ',')::uuid[])::uuid[]));
GRANT SELECT, INSERT, UPDATE, DELETE ON run_pause TO signalbox_system, signalbox_app;
GRANT SELECT, INSERT ON run_pause TO signalbox_report;

-- Makes the leaves for `days` days from `first_day`, for every retention class named, of every table that is partitioned
-- by retention class: the catalog says which, so a new table of runs needs no new version of this. Safe to repeat. Leaves
-- get forced row-level security without a policy and no grants: they are reached through their parents only.
CREATE OR REPLACE FUNCTION signalbox_ensure_days(classes text[], first_day date, days integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
  parent text; day_column text; class text; day date; list_name text; leaf text; made integer := 0;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('signalbox_ensure_days'));
  FOREACH class IN ARRAY classes LOOP
    IF class !~ '^d[0-9]{1,4}$' THEN
      RAISE EXCEPTION 'retention class must be d and a number of days, got %', class;
    END IF;
    FOR parent, day_column IN
      SELECT c.relname, CASE c.relname WHEN 'run' THEN 'id' ELSE 'run_id' END
      FROM pg_partitioned_table p JOIN pg_class c ON c.oid = p.partrelid
      JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = p.partattrs[0]
      WHERE c.relnamespace = 'public'::regnamespace AND p.partstrat = 'l' AND a.attname = 'retention_class'
      ORDER BY c.relname
    LOOP
      list_name := parent || '_' || class;
      IF to_regclass('public.' || list_name) IS NULL THEN
        EXECUTE format('CREATE TABLE public.%I PARTITION OF public.%I FOR VALUES IN (%L) PARTITION BY RANGE (%I)',
          list_name, parent, class, day_column);
        EXECUTE format('ALTER TABLE public.%I ENABLE ROW LEVEL SECURITY', list_name);
        EXECUTE format('ALTER TABLE public.%I FORCE ROW LEVEL SECURITY', list_name);
      END IF;
      FOR i IN 0 .. days - 1 LOOP
        day := first_day + i;
        leaf := list_name || '_' || to_char(day, 'YYYYMMDD');
        IF to_regclass('public.' || leaf) IS NULL THEN
          -- Made apart and then attached, which lets reads and writes of the parent go on; PARTITION OF would wait for
          -- every reader of it, and have everyone else wait behind.
          EXECUTE format('CREATE TABLE public.%I (LIKE public.%I INCLUDING ALL)', leaf, list_name);
          EXECUTE format('ALTER TABLE public.%I ENABLE ROW LEVEL SECURITY', leaf);
          EXECUTE format('ALTER TABLE public.%I FORCE ROW LEVEL SECURITY', leaf);
          EXECUTE format('ALTER TABLE public.%I ATTACH PARTITION public.%I FOR VALUES FROM (%L) TO (%L)',
            list_name, leaf, public.signalbox_day_floor(day), public.signalbox_day_floor(day + 1));
          made := made + 1;
        END IF;
      END LOOP;
    END LOOP;
  END LOOP;
  RETURN made;
END $$;

-- Leaves of the days that are there already, oldest first, and of those made ahead.
SELECT signalbox_ensure_days(array_agg(DISTINCT class), min(day), (max(day) - min(day) + 1)::integer)
FROM (
  SELECT 'd30' AS class, (now() AT TIME ZONE 'UTC')::date - 1 AS day
  UNION ALL
  SELECT split_part(relname, '_', 2), to_date(split_part(relname, '_', 3), 'YYYYMMDD')
  FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relname ~ '^run_d[0-9]+_[0-9]{8}$'
) days;
