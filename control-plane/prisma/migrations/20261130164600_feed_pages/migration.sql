-- Pages of a long feed read what they show: a page knows its day, and what is seldom is found one day after another.
SET lock_timeout = '5s';

-- Which names there are, and when one of them came last. Of bins, not of events: small.
CREATE INDEX event_tally_of_name ON event_tally (workspace_id, span, name, at);

-- On which day a position lies (or would), the first day that there is, and today. A probe of a primary key for each of a few days.
CREATE FUNCTION signalbox_event_days_at(place bigint) RETURNS TABLE (day text, oldest text, newest text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
  days date[]; low integer := 1; high integer; at integer; first bigint; found integer := 1;
BEGIN
  SELECT array_agg(d ORDER BY d) INTO days FROM (
    SELECT to_date(right(c.relname, 8), 'YYYYMMDD') AS d FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
      WHERE i.inhparent = 'public.event'::regclass) l;
  high := cardinality(days);
  WHILE place IS NOT NULL AND low <= high LOOP
    at := (low + high) / 2;
    first := NULL;
    -- A day without any says nothing; one before it may.
    FOR n IN REVERSE at .. low LOOP
      EXECUTE format('SELECT least((SELECT position FROM event WHERE day = %1$L ORDER BY position LIMIT 1),
        (SELECT first_position FROM event_block WHERE day = %1$L ORDER BY last_position LIMIT 1))', days[n]) INTO first;
      at := n;
      EXIT WHEN first IS NOT NULL;
    END LOOP;
    IF first IS NULL THEN low := (low + high) / 2 + 1;
    ELSIF first <= place THEN found := at; low := (low + high) / 2 + 1;
    ELSE high := at - 1;
    END IF;
  END LOOP;
  RETURN QUERY SELECT CASE WHEN place IS NOT NULL THEN days[found]::text END, days[1]::text,
    least(days[cardinality(days)], (now() AT TIME ZONE 'UTC')::date)::text;
END $$;

-- Positions of events of a row each (or last positions of blocks) that are about a thing or had to do with it; of blocks also those of a run, or
-- with one of some names. Day
-- after day from the first one on, by the indexes of that day alone, until `wanted` are found beyond a position. A day with more than `most` is
-- not looked through: its row has no position, and is the last. It is for whoever walks through that day.
CREATE FUNCTION signalbox_find_about(workspace uuid, of_blocks boolean, thing text, run uuid, names text[], forward boolean, beyond bigint, first_day date, last_day date,
  wanted integer, most integer)
RETURNS TABLE (day text, place bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
SET enable_seqscan = off SET enable_bitmapscan = on SET enable_indexscan = off SET enable_indexonlyscan = off SET jit = off AS $$
DECLARE
  at date := first_day; places bigint[]; found integer := 0; ask text;
BEGIN
  IF signalbox_asks_for(workspace) IS NOT TRUE THEN RETURN; END IF;
  ask := CASE
    WHEN NOT of_blocks THEN 'SELECT position AS p FROM event WHERE day = %L AND workspace_id = $1 AND (resource_id = $2 OR jsonb_path_query_array(related, ''$[*].id'') @> to_jsonb($2))'
    ELSE 'SELECT last_position AS p FROM event_block WHERE day = %L AND workspace_id = $1'
      || CASE WHEN run IS NOT NULL THEN ' AND (run_ids @> ARRAY[$3] OR jsonb_path_query_array(labels, ''$[*][*].id'') @> to_jsonb($2))'
        WHEN thing IS NOT NULL THEN ' AND jsonb_path_query_array(labels, ''$[*][*].id'') @> to_jsonb($2)' ELSE '' END
      || CASE WHEN names IS NOT NULL THEN ' AND names ?| $5' ELSE '' END END;
  WHILE found < wanted AND CASE WHEN forward THEN at <= last_day ELSE at >= last_day END LOOP
    EXECUTE format('SELECT array_agg(p) FROM (' || ask || ' LIMIT $4) x', at) INTO places USING workspace, thing, run, most + 1, names;
    IF cardinality(places) > most THEN
      RETURN QUERY SELECT at::text, NULL::bigint;
      RETURN;
    END IF;
    places := ARRAY(SELECT p FROM unnest(places) AS p WHERE beyond IS NULL OR CASE WHEN forward THEN p > beyond ELSE p < beyond END);
    RETURN QUERY SELECT at::text, p FROM unnest(places) AS p;
    found := found + cardinality(places);
    at := at + CASE WHEN forward THEN 1 ELSE -1 END;
  END LOOP;
END $$;

REVOKE ALL ON FUNCTION signalbox_event_days_at(bigint),
  signalbox_find_about(uuid, boolean, text, uuid, text[], boolean, bigint, date, date, integer, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION signalbox_event_days_at(bigint),
  signalbox_find_about(uuid, boolean, text, uuid, text[], boolean, bigint, date, date, integer, integer) TO signalbox_app, signalbox_system;
