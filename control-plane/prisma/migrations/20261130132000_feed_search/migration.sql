-- What people ask of a long feed: how many of which name by time, a name that is rare, and what had to do with one thing.
SET lock_timeout = '5s';

-- How many events of each name were received in each five minutes and each hour, and where they lie. Counted in the transaction in which
-- they got their positions, by triggers: whichever build positions them. Of a bin that is over nothing changes any more.
CREATE TABLE event_tally (
  workspace_id uuid NOT NULL,
  -- Seconds of the bin: 300 or 3600.
  span integer NOT NULL,
  at timestamptz NOT NULL,
  name text NOT NULL,
  count bigint NOT NULL,
  first_position bigint NOT NULL,
  last_position bigint NOT NULL,
  -- Every question is of one workspace and a range of time.
  PRIMARY KEY (workspace_id, span, at, name)
) WITH (fillfactor = 70);
-- What goes with its day.
CREATE INDEX event_tally_at ON event_tally (at);

ALTER TABLE event_tally ENABLE ROW LEVEL SECURITY;
ALTER TABLE event_tally FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_all ON event_tally TO signalbox_owner USING (true) WITH CHECK (true);
CREATE POLICY system_all ON event_tally TO signalbox_system USING (true) WITH CHECK (true);
CREATE POLICY app_workspace ON event_tally TO signalbox_app
  USING (workspace_id = (SELECT nullif(current_setting('signalbox.workspace', true), '')::uuid));
GRANT SELECT ON event_tally TO signalbox_app;
GRANT SELECT, DELETE ON event_tally TO signalbox_system;

CREATE FUNCTION signalbox_count_events() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
  INSERT INTO event_tally AS t (workspace_id, span, at, name, count, first_position, last_position)
  SELECT workspace_id, span, date_bin(make_interval(secs => span), received_at, 'epoch'), name, count(*), min(position), max(position)
    FROM new_rows, (VALUES (300), (3600)) AS s (span) GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
  ON CONFLICT (workspace_id, span, at, name) DO UPDATE SET count = t.count + excluded.count,
    first_position = least(t.first_position, excluded.first_position), last_position = greatest(t.last_position, excluded.last_position);
  RETURN NULL;
END $$;
CREATE FUNCTION signalbox_count_changes() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
  INSERT INTO event_tally AS t (workspace_id, span, at, name, count, first_position, last_position)
  SELECT workspace_id, span, date_bin(make_interval(secs => span), received_at, 'epoch'), n.name, sum(n.count::bigint), min(first_position), max(last_position)
    FROM new_rows CROSS JOIN LATERAL jsonb_each_text(names) AS n (name, count), (VALUES (300), (3600)) AS s (span) GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
  ON CONFLICT (workspace_id, span, at, name) DO UPDATE SET count = t.count + excluded.count,
    first_position = least(t.first_position, excluded.first_position), last_position = greatest(t.last_position, excluded.last_position);
  RETURN NULL;
END $$;
-- Before what is there already is counted: from here on nobody positions events until this is committed.
CREATE TRIGGER tally AFTER INSERT ON event REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION signalbox_count_events();
CREATE TRIGGER tally AFTER INSERT ON event_block REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION signalbox_count_changes();
INSERT INTO event_tally (workspace_id, span, at, name, count, first_position, last_position)
SELECT workspace_id, span, date_bin(make_interval(secs => span), received_at, 'epoch'), name, sum(count), min(first), max(last)
  FROM (
    SELECT workspace_id, received_at, name, 1::bigint AS count, position AS first, position AS last FROM event
    UNION ALL
    SELECT workspace_id, received_at, n.name, n.count::bigint, first_position, last_position FROM event_block CROSS JOIN LATERAL jsonb_each_text(names) AS n (name, count)
  ) e, (VALUES (300), (3600)) AS s (span) GROUP BY 1, 2, 3, 4;

-- A name that is rare, newest first.
CREATE INDEX event_of_name ON event (workspace_id, name, position DESC);
-- What had to do with a thing: ids alone, a few bytes each. A list of what is pending would be read at every question.
CREATE INDEX event_about ON event USING gin (jsonb_path_query_array(related, '$[*].id') jsonb_path_ops) WITH (fastupdate = off);
CREATE INDEX event_block_about ON event_block USING gin (jsonb_path_query_array(labels, '$[*][*].id') jsonb_path_ops) WITH (fastupdate = off);
CREATE INDEX event_block_of_name ON event_block USING gin (names) WITH (fastupdate = off);

-- Row-level security lets no operator look into rows of which it is not known whose they are, unless it is leakproof; those of GIN are not, and
-- its indexes would not be used. These functions ask them, of the workspace of the transaction alone, or as the loops do.
CREATE FUNCTION signalbox_asks_for(workspace uuid) RETURNS boolean LANGUAGE sql STABLE SET search_path = pg_catalog AS $$
  SELECT workspace = nullif(current_setting('signalbox.workspace', true), '')::uuid OR current_setting('role') = 'signalbox_system'
$$;

-- Positions of events of a row each that are about the thing, or had to do with it.
CREATE FUNCTION signalbox_events_about(workspace uuid, thing text, first_day date, last_day date) RETURNS SETOF bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public SET plan_cache_mode = force_custom_plan AS $$
BEGIN
  IF signalbox_asks_for(workspace) IS NOT TRUE THEN RETURN; END IF;
  RETURN QUERY SELECT e.position FROM event e WHERE e.workspace_id = workspace AND e.day BETWEEN first_day AND last_day
    AND (e.resource_id = thing OR jsonb_path_query_array(e.related, '$[*].id') @> to_jsonb(thing));
END $$;
-- Last positions of blocks with a run, or with one that belongs to the thing, or is it; and with one of these names. What is null is not asked.
CREATE FUNCTION signalbox_blocks_about(workspace uuid, thing text, run uuid, wanted text[], first_day date, last_day date) RETURNS SETOF bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public SET plan_cache_mode = force_custom_plan AS $$
BEGIN
  IF signalbox_asks_for(workspace) IS NOT TRUE THEN RETURN; END IF;
  RETURN QUERY SELECT b.last_position FROM event_block b WHERE b.workspace_id = workspace AND b.day BETWEEN first_day AND last_day
    AND (thing IS NULL AND run IS NULL OR thing IS NOT NULL AND jsonb_path_query_array(b.labels, '$[*][*].id') @> to_jsonb(thing)
      OR run IS NOT NULL AND b.run_ids @> ARRAY[run])
    AND (wanted IS NULL OR b.names ?| wanted);
END $$;
REVOKE ALL ON FUNCTION signalbox_events_about(uuid, text, date, date), signalbox_blocks_about(uuid, text, uuid, text[], date, date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION signalbox_events_about(uuid, text, date, date), signalbox_blocks_about(uuid, text, uuid, text[], date, date)
  TO signalbox_app, signalbox_system;
