-- What a page is about is found a piece of a day at a time: of a day with thousands of events about a thing, a page needs a hundred.
SET lock_timeout = '5s';

-- The first and the last place of a day; null: it has none.
CREATE FUNCTION signalbox_places_of_day(workspace uuid, of_blocks boolean, at date, OUT first bigint, OUT last bigint)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public SET enable_seqscan = off SET enable_indexscan = on SET enable_indexonlyscan = on AS $$
BEGIN
  EXECUTE format(CASE WHEN of_blocks
    THEN 'SELECT min(last_position), max(last_position) FROM event_block WHERE day = %L AND workspace_id = $1'
    ELSE 'SELECT min(position), max(position) FROM event WHERE day = %L AND workspace_id = $1' END, at) INTO first, last USING workspace;
END $$;

-- As its namesake without `span`, which builds of before use, but a piece at a time: the first is as wide as `span`, each following four times as
-- wide as the one before. Once one has covered a day, or had so few that a day cannot have more than `most`, days are looked up whole (as they are
-- from the first on for a null `span`): an index of positions adds nothing then. One that has more after all is looked up in pieces again, and a piece
-- with more than four times what is `wanted` in a smaller one. A row without a place is the last, and says that the next piece, of the first width, has more: it begins behind `upto` (null: behind
-- `beyond`), on that day.
CREATE FUNCTION signalbox_find_about(workspace uuid, of_blocks boolean, thing text, run uuid, names text[], forward boolean, beyond bigint, first_day date, last_day date,
  wanted integer, most integer, span bigint)
RETURNS TABLE (day text, place bigint, upto bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
SET enable_seqscan = off SET enable_bitmapscan = on SET enable_indexscan = off SET enable_indexonlyscan = off SET jit = off AS $$
DECLARE
  -- Wider than any day, and far from the end of what a position can be.
  widest CONSTANT bigint := 1000000000000000;
  at date := first_day; edge bigint := beyond; width bigint := least(span, widest); is_whole boolean := span IS NULL; stays_whole boolean := true;
  -- Days that are looked up whole, at once: ever more, while there is little.
  most_ahead CONSTANT integer := 8; ahead integer := 1; till date; days date[]; got integer;
  -- A piece with more has the page many times over: whoever walks is there as soon.
  most_of_piece CONSTANT integer := least(most, 4 * wanted);
  lo bigint; hi bigint; ends record; places bigint[]; found integer := 0; ask text; ask_piece text;
BEGIN
  IF signalbox_asks_for(workspace) IS NOT TRUE THEN RETURN; END IF;
  ask := CASE
    WHEN NOT of_blocks THEN 'SELECT position AS p, day AS d FROM event WHERE day BETWEEN %L AND %L AND workspace_id = $1
      AND (resource_id = $2 OR jsonb_path_query_array(related, ''$[*].id'') @> to_jsonb($2))'
    ELSE 'SELECT last_position AS p, day AS d FROM event_block WHERE day BETWEEN %L AND %L AND workspace_id = $1'
      || CASE WHEN run IS NOT NULL THEN ' AND (run_ids @> ARRAY[$3] OR jsonb_path_query_array(labels, ''$[*][*].id'') @> to_jsonb($2))'
        WHEN thing IS NOT NULL THEN ' AND jsonb_path_query_array(labels, ''$[*][*].id'') @> to_jsonb($2)' ELSE '' END
      || CASE WHEN names IS NOT NULL THEN ' AND names ?| $5' ELSE '' END END;
  ask_piece := 'SELECT array_agg(p), array_agg(d) FROM (' || ask || CASE WHEN of_blocks THEN ' AND last_position' ELSE ' AND position' END || ' BETWEEN $6 AND $7 LIMIT $4) x';
  ask := 'SELECT array_agg(p), array_agg(d) FROM (' || ask || ' LIMIT $4) x';

  WHILE found < wanted AND CASE WHEN forward THEN at <= last_day ELSE at >= last_day END LOOP
    IF is_whole THEN
      till := CASE WHEN forward THEN least(at + ahead - 1, last_day) ELSE greatest(at - ahead + 1, last_day) END;
      EXECUTE format(ask, least(at, till), greatest(at, till)) INTO places, days USING workspace, thing, run, most + 1, names;
      IF cardinality(places) > most AND ahead > 1 THEN
        ahead := 1;
        CONTINUE;
      ELSIF cardinality(places) > most AND span IS NOT NULL THEN
        is_whole := false;
        stays_whole := false;
        width := least(span, widest);
        CONTINUE;
      END IF;
    ELSE
      ends := signalbox_places_of_day(workspace, of_blocks, at);
      lo := greatest(ends.first, CASE WHEN forward THEN edge + 1 END);
      hi := least(ends.last, CASE WHEN NOT forward THEN edge - 1 END);
      -- There is none on that day, or none is left.
      IF ends.first IS NULL OR lo > hi THEN
        at := at + CASE WHEN forward THEN 1 ELSE -1 END;
        CONTINUE;
      END IF;
      IF forward THEN hi := least(hi, lo + width); ELSE lo := greatest(lo, hi - width); END IF;
      EXECUTE format(ask_piece, at, at) INTO places, days USING workspace, thing, run, most_of_piece + 1, names, lo, hi;
    END IF;

    IF NOT is_whole AND cardinality(places) > most_of_piece AND width > span THEN
      width := greatest(span, width / 4);
      CONTINUE;
    ELSIF cardinality(places) > (CASE WHEN is_whole THEN most ELSE most_of_piece END) THEN
      RETURN QUERY SELECT at::text, NULL::bigint, edge;
      RETURN;
    END IF;
    RETURN QUERY SELECT u.d::text, u.p, NULL::bigint FROM unnest(places, days) AS u (p, d)
      WHERE edge IS NULL OR CASE WHEN forward THEN u.p > edge ELSE u.p < edge END;
    GET DIAGNOSTICS got = ROW_COUNT;
    found := found + got;
    IF is_whole THEN
      at := till + CASE WHEN forward THEN 1 ELSE -1 END;
      ahead := least(ahead * 2, most_ahead);
      CONTINUE;
    END IF;
    edge := CASE WHEN forward THEN hi ELSE lo END;
    width := least(width * 4, widest);
    is_whole := stays_whole AND 2 * coalesce(cardinality(places), 0) * (ends.last - ends.first) / greatest(hi - lo, 1) < most;
    IF edge = (CASE WHEN forward THEN ends.last ELSE ends.first END) THEN
      at := at + CASE WHEN forward THEN 1 ELSE -1 END;
      stays_whole := true;
    END IF;
  END LOOP;
END $$;

REVOKE ALL ON FUNCTION signalbox_places_of_day(uuid, boolean, date),
  signalbox_find_about(uuid, boolean, text, uuid, text[], boolean, bigint, date, date, integer, integer, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION signalbox_find_about(uuid, boolean, text, uuid, text[], boolean, bigint, date, date, integer, integer, bigint)
  TO signalbox_app, signalbox_system;
