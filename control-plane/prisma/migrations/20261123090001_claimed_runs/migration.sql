-- What an agent is told of the runs that a claim gave it and that are still its own under that epoch.
-- Reads by primary keys alone; ordered as they were given. The lowest and highest id name the days: partitions of
-- others are not even opened.
CREATE OR REPLACE FUNCTION claimed_runs(p_agent uuid, p_claim uuid, p_run_ids uuid[], p_epochs bigint[]) RETURNS jsonb
LANGUAGE plpgsql STABLE
SET plan_cache_mode = force_generic_plan SET jit = off SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
DECLARE
  sorted uuid[] := (SELECT array_agg(u ORDER BY u) FROM unnest(p_run_ids) u);
  low uuid := sorted[1];
  high uuid := sorted[array_length(sorted, 1)];
BEGIN
  IF sorted IS NULL THEN RETURN '[]'; END IF;
  RETURN (SELECT coalesce(jsonb_agg(jsonb_build_object(
      'runId', d.run_id, 'epoch', d.epoch, 'name', r.name, 'attempt', d.attempt,
      'flowId', f.id, 'flowName', f.name, 'deploymentId', dep.id, 'deploymentName', dep.name,
      'digest', v.digest, 'source', v.source, 'config', v.config, 'launcher', p.launcher,
      -- The pool's and the run's own variables: merged around the configuration's as the claim is answered.
      'pool', p.job_defaults, 'variables', r.variables,
      'parameters', CASE WHEN octet_length(r.parameters::text) <= 65536 THEN r.parameters END,
      'tags', to_jsonb(r.tags), 'dueAt', iso_instant(d.due_at),
      'dueInMs', greatest(0, ceil(extract(epoch FROM d.due_at - clock_timestamp()) * 1000))::bigint,
      'startTimeoutMs', coalesce(dep.slot_grace_ms, start_timeout_ms(v.config, p.launcher)),
      -- What earlier epochs finished may be used again from this one on.
      'replayFloor', r.replay_floor,
      'parent', r.parent_run_id,
      'granted', d.granted_at IS NOT NULL AND d.permit_request_id = p_claim
    ) ORDER BY given.n), '[]')
  FROM unnest(p_run_ids, p_epochs) WITH ORDINALITY AS given (run_id, epoch, n)
  JOIN run_dispatch d ON d.run_id = given.run_id AND d.epoch = given.epoch AND d.agent_id = p_agent
  JOIN run r ON r.retention_class = d.retention_class AND r.id = d.run_id AND r.id >= low AND r.id <= high
  JOIN deployment_version v ON v.id = d.version_id
  JOIN deployment dep ON dep.id = d.deployment_id
  JOIN flow f ON f.id = dep.flow_id
  JOIN work_pool p ON p.id = d.pool_id);
END $$;
