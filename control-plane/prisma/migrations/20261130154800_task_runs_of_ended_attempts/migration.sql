-- A process that dies tells the end of no task. With its attempt, what runs still has ended too, in the same transaction and as events.
SET lock_timeout = '5s';

-- Of attempts that were begun and did not complete: those that complete told of all their tasks before.
-- Locks: task runs of an epoch that nobody writes any more. Index: the primary key, a stretch of it for each attempt.
-- `seq` stays: what the agent tells later, of before the end, is newer and is kept.
CREATE FUNCTION signalbox_attempt_over() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM new_rows WHERE state_type <> 'COMPLETED' AND granted_at IS NOT NULL) THEN RETURN NULL; END IF;
  WITH closed AS (
    UPDATE task_run t SET
      state_type = CASE WHEN n.state_type IN ('CANCELLED', 'PAUSED') THEN 'CANCELLED' ELSE 'CRASHED' END,
      state_name = CASE WHEN n.state_type IN ('CANCELLED', 'PAUSED') THEN 'Cancelled' ELSE 'Crashed' END,
      message = left('its run ended first: ' || coalesce(n.message, n.state_name), 1000), ended_at = n.ended_at
    FROM new_rows n
    WHERE n.state_type <> 'COMPLETED' AND n.granted_at IS NOT NULL
      AND t.retention_class = n.retention_class AND t.run_id = n.run_id AND t.epoch = n.epoch
      AND t.state_type NOT IN ('COMPLETED', 'FAILED', 'CRASHED', 'CANCELLED')
    RETURNING t.workspace_id, t.run_id, t.epoch, t.ordinal, t.task_key, t.name, t.state_name, t.attempt, t.started_at, t.ended_at, t.message
  )
  -- As control-plane/src/features/events/task-run-changes.ts writes them.
  INSERT INTO event_change (workspace_id, name, run_ids, occurred_at, task_runs)
  SELECT workspace_id, 'task-run', '{}', '{}', json_build_object('runIds', json_build_array(run_id), 'changes', json_agg(
      json_build_array(0, epoch, ordinal, task_key, name, state_name, attempt, floor(extract(epoch FROM ended_at) * 1000)::bigint,
        floor(extract(epoch FROM started_at) * 1000)::bigint, message) ORDER BY ordinal))
  FROM (SELECT *, row_number() OVER (PARTITION BY run_id ORDER BY ordinal) / 200 AS part FROM closed) c
  GROUP BY workspace_id, run_id, part;
  RETURN NULL;
END $$;
CREATE TRIGGER task_runs AFTER INSERT ON attempt REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION signalbox_attempt_over();
