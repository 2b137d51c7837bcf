-- What follows an event is found by its id, however much came between. Few events follow one: an entry for those alone. Nobody waits for it:
-- days that have events go without until they are dropped, all others have it.
SET lock_timeout = '5s';

CREATE INDEX event_of_cause ON ONLY event (workspace_id, follows) WHERE follows IS NOT NULL;
DO $$
DECLARE leaf text; has_events boolean;
BEGIN
  FOR leaf IN SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'event'::regclass LOOP
    EXECUTE format('SELECT EXISTS (SELECT FROM event WHERE day = %L)', to_date(right(leaf, 8), 'YYYYMMDD')) INTO has_events;
    CONTINUE WHEN has_events;
    EXECUTE format('CREATE INDEX %I ON %I (workspace_id, follows) WHERE follows IS NOT NULL', leaf || '_of_cause', leaf);
    EXECUTE format('ALTER INDEX event_of_cause ATTACH PARTITION %I', leaf || '_of_cause');
  END LOOP;
END $$;
