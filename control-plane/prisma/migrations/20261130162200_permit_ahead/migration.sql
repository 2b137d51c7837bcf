-- A permit may be given a little before the run is due, to an agent that holds it until then: so that user code starts at the instant.

SET lock_timeout = '5s';

-- As before, and `p_ahead_ms` (at most 1,000) before the due instant: then `inMs` says how long user code may not be called yet. The
-- run counts as running from its due instant on.
-- Lock: the run's dispatch row.
CREATE FUNCTION grant_permit(
  p_workspace uuid, p_agent uuid, p_session integer, p_request uuid, p_run uuid, p_epoch bigint, p_start_report_ms integer,
  p_ahead_ms integer
) RETURNS jsonb
LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan SET jit = off SET enable_seqscan = off
AS $$
DECLARE
  valid_ms CONSTANT integer := 10000;
  most_ahead_ms CONSTANT integer := 1000;
  ahead_ms CONSTANT integer := least(greatest(p_ahead_ms, 0), most_ahead_ms);
  the_agent record; d record; at timestamptz; starts_at timestamptz; left_ms numeric; age_ms bigint;
BEGIN
  PERFORM set_config('signalbox.workspaces', p_workspace::text, true);
  SELECT a.session, a.revoked_at INTO the_agent FROM agent a WHERE a.id = p_agent AND a.workspace_id = p_workspace;
  IF NOT FOUND OR the_agent.revoked_at IS NOT NULL OR the_agent.session <> p_session THEN
    RETURN jsonb_build_object('answer', 'refused', 'reason', 'another session of this agent has begun');
  END IF;

  SELECT * INTO d FROM run_dispatch r WHERE r.run_id = p_run FOR UPDATE;
  at := clock_timestamp();
  starts_at := greatest(at, d.due_at);
  left_ms := round(extract(epoch FROM starts_at - at) * 1000, 1);
  IF NOT FOUND THEN
    RETURN jsonb_build_object('answer', 'refused', 'reason', 'the run has ended');
  ELSIF d.agent_id IS DISTINCT FROM p_agent OR d.epoch <> p_epoch THEN
    RETURN jsonb_build_object('answer', 'refused', 'reason', 'the run is not held by this agent under this epoch any more');
  ELSIF d.state_type = 'PENDING' THEN
    IF left_ms > ahead_ms THEN
      RETURN jsonb_build_object('answer', 'wait', 'ms', greatest(1, ceil(left_ms - ahead_ms))::bigint);
    END IF;
    UPDATE run_dispatch SET state_type = 'RUNNING', state_name = 'Running', state_message = NULL, state_at = starts_at,
      permit_request_id = p_request, granted_at = at, deadline_at = served_now() + (starts_at - at) + p_start_report_ms * interval '1 ms',
      states = d.states || jsonb_build_array(jsonb_build_object('type', 'RUNNING', 'name', 'Running', 'at', iso_instant(starts_at)))
    WHERE run_id = p_run;
    RETURN jsonb_build_object('answer', 'granted', 'inMs', left_ms, 'changed', true);
  ELSIF d.state_type = 'RUNNING' AND d.state_name <> 'AwaitingChild' AND d.permit_request_id = p_request AND d.granted_at IS NOT NULL THEN
    age_ms := extract(epoch FROM at - d.granted_at) * 1000;
    IF age_ms <= valid_ms THEN
      RETURN jsonb_build_object('answer', 'granted', 'inMs', left_ms);
    END IF;
    RETURN jsonb_build_object('answer', 'refused', 'reason', format('the permit was given %s s ago and is void after 10 s', age_ms / 1000));
  ELSIF d.state_type = 'RUNNING' THEN
    RETURN jsonb_build_object('answer', 'refused', 'reason', 'the permit of this claim was given to another request');
  END IF;
  RETURN jsonb_build_object('answer', 'refused', 'reason', format('the run is %s', lower(d.state_name)));
END $$;

-- What builds before this one call.
CREATE OR REPLACE FUNCTION grant_permit(
  p_workspace uuid, p_agent uuid, p_session integer, p_request uuid, p_run uuid, p_epoch bigint, p_start_report_ms integer
) RETURNS jsonb LANGUAGE sql AS $$
  SELECT grant_permit(p_workspace, p_agent, p_session, p_request, p_run, p_epoch, p_start_report_ms, 0)
$$;
