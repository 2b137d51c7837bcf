-- `wake_waiters` whole, as it stands now (first made in 20261123010000_dispatch).

SET lock_timeout = '5s';

DROP FUNCTION wake_waiters(uuid);

-- Lets as many waiters of a limit back into the claim's index as there is room; answers their pools. The limit is the
-- deployment itself, or that of one of its keys.
-- Locks: the deployment's row, as parking does (a run parked while a slot was being freed is seen here or not parked),
-- then runs SKIP LOCKED, then marks of queues. Order: rank, run_id, by run_dispatch_parked.
CREATE FUNCTION wake_waiters(p_deployment uuid, p_limit uuid) RETURNS TABLE (workspace_id uuid, pool_id uuid)
LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan SET jit = off SET enable_seqscan = off
AS $$
#variable_conflict use_column
DECLARE
  dep record; room integer; pools uuid[]; workspaces uuid[]; queues uuid[]; ranks timestamptz[];
BEGIN
  SELECT x.paused, x.concurrency_limit, x.key_limit INTO dep FROM deployment x WHERE x.id = p_deployment FOR NO KEY UPDATE;
  -- A limit that is gone holds nobody back.
  room := CASE WHEN NOT FOUND THEN 1000
    WHEN p_limit <> p_deployment THEN least(1000, limit_room(dep.key_limit, (SELECT count(*) FROM holder h WHERE h.key_limit_id = p_limit)))
    WHEN dep.paused THEN 0
    ELSE least(1000, limit_room(dep.concurrency_limit, (SELECT count(*) FROM holder h WHERE h.deployment_id = p_deployment))) END;
  IF room = 0 THEN RETURN; END IF;
  WITH woken AS (
    UPDATE run_dispatch d SET parked_on = NULL
    FROM (
      SELECT w.run_id FROM run_dispatch w WHERE w.parked_on = p_limit
      ORDER BY w.rank, w.run_id LIMIT room FOR UPDATE SKIP LOCKED
    ) w WHERE d.run_id = w.run_id
    RETURNING d.workspace_id, d.pool_id, d.queue_id, d.rank
  ) SELECT array_agg(w.pool_id), array_agg(w.workspace_id), array_agg(w.queue_id), array_agg(w.rank) INTO pools, workspaces, queues, ranks FROM woken w;
  IF pools IS NULL THEN RETURN; END IF;
  PERFORM lower_marks(queues, ranks);
  RETURN QUERY SELECT DISTINCT u.w, u.p FROM unnest(workspaces, pools) AS u (w, p) WHERE u.p IS NOT NULL;
END $$;
