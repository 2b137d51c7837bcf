-- A freed slot is given on in the transaction that frees it.

SET lock_timeout = '5s';

-- Wakes who waits on these limits, then gives runs of this pool to one agent: `wake_waiters` and `give_runs`, as the last statement but the
-- watermark of a transaction of reports. `p_deployments` and `p_limits` go together; a limit is the deployment itself, or one of its keys.
-- Locks: the pool's row and those of deployments are met after runs that this transaction holds already, out of order, and therefore never waited
-- for (SKIP LOCKED); runs SKIP LOCKED, then marks of queues, as in both. Null: another claim of the pool is under way, and nothing was done.
-- It gives where the pool itself was freed (a limit of its own, or of a queue), or some waiter of it was woken.
-- `missed`: some deployment was busy; its waiters are to be woken after the commit. `woken`: pools that have work now.
CREATE FUNCTION give_freed_runs(
  p_workspace uuid, p_agent uuid, p_session integer, p_claim uuid, p_free integer,
  p_warm_digests text[], p_warm_counts integer[], p_prefetch_ms integer, p_start_report_ms integer, p_lease_ms bigint,
  p_pool uuid, p_pool_freed boolean, p_deployments uuid[], p_limits uuid[]
) RETURNS json
LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan SET jit = off SET enable_seqscan = off
AS $$
DECLARE
  missed boolean := false; woken uuid[] := '{}';
BEGIN
  PERFORM 1 FROM work_pool p WHERE p.id = p_pool FOR NO KEY UPDATE SKIP LOCKED;
  IF NOT FOUND THEN RETURN NULL; END IF;
  FOR n IN 1 .. coalesce(array_length(p_limits, 1), 0) LOOP
    PERFORM 1 FROM deployment d WHERE d.id = p_deployments[n] FOR NO KEY UPDATE SKIP LOCKED;
    IF FOUND THEN
      woken := woken || ARRAY(SELECT w.pool_id FROM wake_waiters(p_deployments[n], p_limits[n]) w);
    ELSE
      missed := true;
    END IF;
  END LOOP;
  RETURN json_build_object('missed', missed, 'woken', ARRAY(SELECT DISTINCT w.id FROM unnest(woken) AS w (id)), 'answer',
    CASE WHEN p_pool_freed OR p_pool = ANY (woken) THEN give_runs(p_workspace, p_agent, p_session, p_claim, p_free, p_warm_digests, p_warm_counts, p_prefetch_ms, p_start_report_ms, p_lease_ms) END);
END $$;
