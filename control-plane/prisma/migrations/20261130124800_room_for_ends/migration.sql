-- The end of a run is written beside its record, in the room that its page keeps: Postgres then logs what differs, and takes
-- no lock of its own for the move to another page. A record grows to about twice its size; rows of one day fill no more disk.
SET lock_timeout = '5s';

-- As in 20261123022000_pauses, but for the fill factor of `run`.
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
          EXECUTE format('CREATE TABLE public.%I (LIKE public.%I INCLUDING ALL) WITH (fillfactor = %s)', leaf, list_name,
            CASE parent WHEN 'run' THEN 45 ELSE 100 END);
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

-- Days that are open, or will be.
DO $$
DECLARE leaf regclass;
BEGIN
  FOR leaf IN SELECT c.oid::regclass FROM pg_inherits l JOIN pg_inherits i ON i.inhparent = l.inhrelid JOIN pg_class c ON c.oid = i.inhrelid
    WHERE l.inhparent = 'public.run'::regclass AND right(c.relname, 8) >= to_char(now() AT TIME ZONE 'UTC', 'YYYYMMDD') LOOP
    EXECUTE format('ALTER TABLE %s SET (fillfactor = 45)', leaf);
  END LOOP;
END $$;
