-- `write_moves` whole, as it stands now (first made in 20261123010000_dispatch).

SET lock_timeout = '5s';

DROP FUNCTION write_moves(jsonb, uuid, uuid);

-- Writes what the run machine decided, for any number of runs: live rows change or go; slots are freed or taken;
-- attempts that are over are kept; records get their end; parents whose children are to be told are noted.
-- `deadline_ms` is served time from now, and so is how long a run
-- without owner may wait: an outage of ours shortens nobody's patience, and lengthens none that is told from now.
-- Locks: rows of run_dispatch are held by the caller, ascending by id; records and holders belong to them alone.
-- Slots of named limits, and places in their lines, end with the epoch; answers those limits, for `wake_line` after the commit.
-- Indexes: primary keys. `p_low` and `p_high` are the lowest and highest id that ends: partitions of other days are not opened.
CREATE FUNCTION write_moves(p_moves jsonb, p_low uuid, p_high uuid) RETURNS uuid[]
LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan SET jit = off SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
#variable_conflict use_column
DECLARE
  served timestamptz := served_now();
  freed_limits uuid[]; waiting_queues uuid[]; waiting_ranks timestamptz[];
BEGIN
  WITH u AS MATERIALIZED (SELECT * FROM jsonb_to_recordset(p_moves) AS u (run_id uuid, workspace_id uuid, retention_class text, ended boolean,
  type text, name text, message text, at timestamptz, states jsonb, raise boolean, owner text, slots text,
  deadline_ms bigint, due_at timestamptz, expires_ms bigint, permit_request_id uuid, granted_at timestamptz, started_at timestamptz,
  attempt int, retries int, infrastructure_attempts int, start_failures int, first_start_failure_at timestamptz, excluded_agents uuid[],
  cancel_cause text, wanted jsonb, keep_deadline boolean, failure jsonb, result jsonb, over_epoch bigint, over_attempt int, over_agent uuid, over_claimed_at timestamptz,
  over_granted_at timestamptz, over_started_at timestamptz, over_type text, over_name text, over_message text)),
  moved AS (
    UPDATE run_dispatch d SET
      state_type = u.type, state_name = u.name, state_message = u.message, state_at = u.at, due_at = u.due_at,
      epoch = CASE WHEN u.raise THEN next_epoch(d.epoch) ELSE d.epoch END,
      agent_id = CASE WHEN u.owner = 'release' THEN NULL ELSE d.agent_id END,
      claimed_at = CASE WHEN u.owner = 'release' THEN NULL ELSE d.claimed_at END,
      permit_request_id = u.permit_request_id, granted_at = u.granted_at, started_at = u.started_at,
      first_started_at = coalesce(d.first_started_at, u.started_at, u.over_started_at),
      deadline_at = CASE WHEN u.keep_deadline THEN d.deadline_at ELSE served + u.deadline_ms * interval '1 ms' END, parked_on = NULL,
      unnamed_since = CASE WHEN u.owner = 'release' OR (d.state_name = 'Lost' AND u.name <> 'Lost') THEN NULL ELSE d.unnamed_since END,
      attempt = u.attempt, retries = u.retries, infrastructure_attempts = u.infrastructure_attempts, start_failures = u.start_failures,
      first_start_failure_at = u.first_start_failure_at, excluded_agents = u.excluded_agents, cancel_cause = u.cancel_cause,
      awaiting_since = CASE u.name WHEN 'AwaitingChild' THEN coalesce(d.awaiting_since, u.at) WHEN 'Lost' THEN d.awaiting_since WHEN 'Cancelling' THEN d.awaiting_since END,
      resume_since = CASE u.name WHEN 'AwaitingChild' THEN d.resume_since END,
      wanted = u.wanted,
      late_at = CASE WHEN u.due_at > d.due_at THEN NULL ELSE d.late_at END,
      expires_at = coalesce(served + greatest(u.due_at - u.at, interval '0') + u.expires_ms * interval '1 ms', d.expires_at),
      -- A parent of thousands of children waits thousands of times: that much of its history is enough.
      states = CASE WHEN u.name IN ('Running', 'AwaitingChild') AND jsonb_array_length(d.states) >= 500 THEN d.states ELSE d.states || u.states END
    FROM u WHERE d.run_id = u.run_id AND NOT u.ended
    RETURNING d.run_id, d.workspace_id, d.epoch, d.state_type, d.state_name, d.has_children, d.queue_id, d.rank
  ), gone AS (
    DELETE FROM run_dispatch d USING u WHERE d.run_id = u.run_id AND u.ended
    RETURNING d.run_id, d.workspace_id, d.retention_class, d.states, d.first_started_at, d.epoch, d.has_children, u.type, u.name,
      u.message, u.attempt, u.at, u.states AS entered, u.started_at AS last_started_at, u.failure, u.result
  ), freed AS (
    DELETE FROM holder h USING u WHERE h.run_id = u.run_id AND (u.slots = 'free' OR u.ended)
  ), taken AS (
    INSERT INTO holder (run_id, epoch, workspace_id, pool_id, queue_id, deployment_id, key_limit_id, agent_id)
    SELECT d.run_id, d.epoch, d.workspace_id, d.pool_id, d.queue_id, d.deployment_id, d.key_limit_id, d.agent_id
    FROM u JOIN run_dispatch d ON d.run_id = u.run_id WHERE u.slots = 'take' AND NOT u.ended AND d.agent_id IS NOT NULL
    ON CONFLICT (run_id) DO NOTHING
  ), parents AS (
    INSERT INTO parent_end (workspace_id, run_id, state_name)
    SELECT m.workspace_id, m.run_id, m.state_name FROM moved m WHERE m.has_children AND m.state_type = 'CANCELLING'
    UNION ALL
    SELECT g.workspace_id, g.run_id, g.name FROM gone g WHERE g.has_children AND g.type <> 'COMPLETED'
  ), attempts AS (
    INSERT INTO attempt (retention_class, run_id, epoch, workspace_id, attempt, agent_id, claimed_at, granted_at, started_at, ended_at,
      state_type, state_name, message)
    SELECT u.retention_class, u.run_id, u.over_epoch, u.workspace_id, u.over_attempt, u.over_agent, u.over_claimed_at, u.over_granted_at,
      u.over_started_at, u.at, u.over_type, u.over_name, u.over_message
    FROM u WHERE u.over_epoch IS NOT NULL
  ), unlimited AS (
    DELETE FROM limit_holder h USING u WHERE h.run_id = u.run_id AND (u.ended OR u.raise OR u.owner = 'release') RETURNING h.limit_id
  ), unqueued AS (
    DELETE FROM limit_waiter w USING u WHERE w.run_id = u.run_id AND (u.ended OR u.raise OR u.owner = 'release') RETURNING w.limit_id
  ), closed AS (
    -- From `gone` alone: joined to `u` again, without hashes, a batch would be compared with itself.
    UPDATE run r SET state_type = gone.type, state_name = gone.name, state_message = gone.message, attempt = gone.attempt, epoch = gone.epoch,
      started_at = coalesce(r.started_at, gone.first_started_at, gone.last_started_at), ended_at = gone.at, states = gone.states || gone.entered,
      failure = gone.failure, result = gone.result
    FROM gone
    WHERE r.id = gone.run_id AND r.retention_class = gone.retention_class AND r.id >= p_low AND r.id <= p_high
  )
  SELECT (SELECT array_agg(DISTINCT limit_id) FROM (SELECT limit_id FROM unlimited UNION ALL SELECT limit_id FROM unqueued) x),
    array_agg(m.queue_id), array_agg(m.rank)
  INTO freed_limits, waiting_queues, waiting_ranks FROM moved m WHERE m.state_type = 'SCHEDULED';
  -- They wait again, maybe below where claims begin to read.
  IF waiting_queues IS NOT NULL THEN PERFORM lower_marks(waiting_queues, waiting_ranks); END IF;
  RETURN coalesce(freed_limits, '{}');
END $$;
