-- The dispatch path in one round trip each: claim, permit, waking waiters. They take in bulk the decisions of
-- src/domain/run-machine.ts, and are tested against it (features/dispatch/*.db.test.ts).
--
-- Lock order, everywhere: report channel, pool, limits, runs, agent; each by id ascending; claims take limits and
-- runs SKIP LOCKED. Functions run as their caller, so row-level security holds inside them.
-- `SET` on the hot ones: plans are cached without values and may not fall back to reading whole tables, whatever
-- the statistics say of a table that was empty when the plan was made. Before version 18 Postgres forbids a plan by
-- giving it a huge cost, which would have it compiled (jit) at every call.

SET lock_timeout = '5s';

-- A UUIDv7 whose 48 bits of time are `at`: ids of runs are by the database's clock.
CREATE FUNCTION signalbox_uuidv7(at timestamptz) RETURNS uuid LANGUAGE sql VOLATILE
  RETURN encode(
    set_bit(set_bit(
      overlay(uuid_send(gen_random_uuid()) PLACING substring(int8send(floor(extract(epoch FROM at) * 1000)::bigint) FROM 3) FROM 1 FOR 6),
      52, 1), 53, 1),
    'hex')::uuid;

-- The wire form of an instant.
CREATE FUNCTION iso_instant(at timestamptz) RETURNS text LANGUAGE sql STABLE
  RETURN to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"');

-- Number of the timeline Postgres writes; it changes at a failover or a restore.
CREATE FUNCTION postgres_timeline() RETURNS integer LANGUAGE sql VOLATILE
  RETURN ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::integer;

-- How long a launcher may take to start a run, unless its deployment says otherwise.
CREATE FUNCTION start_timeout_ms(config jsonb, launcher text) RETURNS bigint LANGUAGE sql IMMUTABLE
  RETURN coalesce((config ->> 'startTimeoutMs')::bigint,
    CASE launcher WHEN 'docker' THEN 600000 WHEN 'kubernetes' THEN 1800000 ELSE 60000 END);

-- Room of a limit: how many more may hold it. Without a limit, more than anybody asks for.
CREATE FUNCTION limit_room(concurrency_limit integer, held bigint) RETURNS integer LANGUAGE sql IMMUTABLE
  RETURN CASE WHEN concurrency_limit IS NULL THEN 1000000 ELSE greatest(0, concurrency_limit - held)::integer END;

-- ---------------------------------------------------------------- claim

-- What an agent is told of the runs that a claim gave it and that are still its own under that epoch.
-- Reads by primary keys alone; ordered as they were given. The lowest and highest id name the days: partitions of
-- others are not even opened.
CREATE FUNCTION claimed_runs(p_agent uuid, p_claim uuid, p_run_ids uuid[], p_epochs bigint[]) RETURNS jsonb
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
      'parameters', CASE WHEN octet_length(r.parameters::text) <= 65536 THEN r.parameters END,
      'tags', to_jsonb(r.tags), 'dueAt', iso_instant(d.due_at),
      'dueInMs', greatest(0, ceil(extract(epoch FROM d.due_at - clock_timestamp()) * 1000))::bigint,
      'startTimeoutMs', start_timeout_ms(v.config, p.launcher),
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

-- Gives the best runs of this instant to one agent.
--
-- Order: runs that are due before runs that soon will be (those take only room that no due run wants); within each
-- (queue priority, due_at, run_id), read from run_dispatch_claim in small batches by keyset.
-- Locks: the claim's id first (a repeat waits for the first and reads its answer), the pool row (claims of a pool take
-- turns, so counting `holder` is exact), limited or paused deployments as they are met, SKIP LOCKED (they are met in
-- no order; one that is busy makes the answer `more`), runs by id, SKIP LOCKED.
-- A full or paused queue costs nothing, its runs are not read. Runs of a full or paused deployment are parked on it,
-- at most 200 a claim, under the lock that waking takes.
CREATE FUNCTION claim_runs(
  p_workspace uuid, p_agent uuid, p_session integer, p_claim uuid, p_free integer,
  p_warm_digests text[], p_warm_counts integer[], p_prefetch_ms integer, p_start_report_ms integer, p_lease_ms bigint
) RETURNS jsonb
LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan SET jit = off SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
DECLARE
  max_reply_bytes CONSTANT integer := 170000;
  max_parked CONSTANT integer := 200;
  max_read CONSTANT integer := 2000;
  -- A variable, not the word: so run_dispatch_claim does not fit where a run is named, and the primary key is taken.
  still_waiting CONSTANT text[] := ARRAY['SCHEDULED'];
  the_agent record; the_pool record; the_limit record; c record;
  at timestamptz; served timestamptz := served_now(); horizon timestamptz; passes timestamptz[]; pass integer;
  lanes uuid[]; lane_priorities integer[]; lane_rooms integer[]; lane integer; prio integer;
  seen_deployments uuid[] := '{}'; seen_rooms integer[] := '{}'; seen integer;
  last_due timestamptz; last_id uuid; batch integer; got integer;
  room integer; bytes integer := 0; read integer := 0; more boolean := false; warm integer;
  chosen uuid[] := '{}'; granted uuid[] := '{}'; parked uuid[] := '{}'; parked_limits uuid[] := '{}';
  given_ids uuid[]; given_epochs bigint[];
BEGIN
  PERFORM set_config('signalbox.workspaces', p_workspace::text, true);

  SELECT a.pool_id, a.session, a.revoked_at, a.drain, a.draining, a.backoff_until INTO the_agent
  FROM agent a WHERE a.id = p_agent AND a.workspace_id = p_workspace;
  IF NOT FOUND OR the_agent.revoked_at IS NOT NULL THEN
    RETURN jsonb_build_object('refused', 'revoked');
  ELSIF the_agent.session <> p_session THEN
    RETURN jsonb_build_object('refused', 'session', 'session', the_agent.session);
  END IF;

  INSERT INTO claim (id, workspace_id, agent_id) VALUES (p_claim, p_workspace, p_agent) ON CONFLICT (agent_id, id) DO NOTHING;
  IF NOT FOUND THEN
    SELECT run_ids, epochs INTO given_ids, given_epochs FROM claim WHERE id = p_claim AND agent_id = p_agent;
    RETURN jsonb_build_object('repeated', true, 'more', false, 'timeline', postgres_timeline(),
      'runs', claimed_runs(p_agent, p_claim, coalesce(given_ids, '{}'), coalesce(given_epochs, '{}')));
  END IF;

  IF the_agent.drain OR the_agent.draining OR the_agent.backoff_until > now() THEN
    RETURN jsonb_build_object('runs', '[]'::jsonb, 'more', false, 'timeline', postgres_timeline());
  END IF;

  SELECT p.id, p.concurrency_limit, p.paused, p.launcher INTO the_pool
  FROM work_pool p WHERE p.id = the_agent.pool_id FOR NO KEY UPDATE;
  -- Read after the lock: a claim that waited for it must not decide with an older clock.
  at := clock_timestamp();

  room := least(p_free, limit_room(the_pool.concurrency_limit,
    CASE WHEN the_pool.concurrency_limit IS NULL THEN 0 ELSE (SELECT count(*) FROM holder h WHERE h.pool_id = the_pool.id) END));
  IF the_pool.paused THEN room := 0; END IF;

  SELECT array_agg(q.id), array_agg(q.priority), array_agg(q.room) INTO lanes, lane_priorities, lane_rooms
  FROM (
    SELECT q.id, q.priority, limit_room(q.concurrency_limit, CASE WHEN q.concurrency_limit IS NULL THEN 0 ELSE
      (SELECT count(*) FROM holder h WHERE h.pool_id = q.pool_id AND h.queue_id = q.id) END) AS room
    FROM work_queue q WHERE q.pool_id = the_pool.id AND NOT q.paused ORDER BY q.priority, q.id
  ) q WHERE q.room > 0;

  passes := ARRAY[at, at + p_prefetch_ms * interval '1 ms'];
  FOR pass IN 1 .. 2 LOOP
    horizon := passes[pass];
    FOR prio IN SELECT DISTINCT u FROM unnest(lane_priorities) u ORDER BY u LOOP
      last_due := CASE pass WHEN 1 THEN '-infinity' ELSE at END;
      last_id := 'ffffffff-ffff-ffff-ffff-ffffffffffff';
      LOOP
        EXIT WHEN room <= 0 OR read >= max_read;
        batch := least(room + 8, 256);
        got := 0;
        FOR c IN
          SELECT d.run_id, d.due_at, d.queue_id, d.deployment_id, d.excluded_agents, v.digest,
            dep.paused, dep.concurrency_limit,
            CASE WHEN d.payload_bytes <= 65536 THEN d.payload_bytes ELSE 2000 END
              + octet_length(v.config::text) + octet_length(v.source::text) + 1000 AS bytes
          FROM (
            SELECT d.* FROM unnest(lanes, lane_priorities, lane_rooms) AS q (id, priority, room)
            CROSS JOIN LATERAL (
              SELECT d.run_id, d.due_at, d.queue_id, d.deployment_id, d.version_id, d.excluded_agents, d.payload_bytes
              FROM run_dispatch d
              WHERE d.queue_id = q.id AND d.state_type = 'SCHEDULED' AND d.parked_on IS NULL
                AND (d.due_at, d.run_id) > (last_due, last_id) AND d.due_at <= horizon
              ORDER BY d.due_at, d.run_id LIMIT batch
            ) d
            WHERE q.priority = prio AND q.room > 0
            ORDER BY d.due_at, d.run_id LIMIT batch
          ) d
          JOIN deployment_version v ON v.id = d.version_id
          JOIN deployment dep ON dep.id = d.deployment_id
          ORDER BY d.due_at, d.run_id
        LOOP
          got := got + 1;
          read := read + 1;
          last_due := c.due_at;
          last_id := c.run_id;
          EXIT WHEN room <= 0;
          lane := array_position(lanes, c.queue_id);
          CONTINUE WHEN lane_rooms[lane] <= 0;

          -- An agent on which it failed to start gets it again only when no other agent is there to try.
          IF p_agent = ANY (c.excluded_agents) THEN
            CONTINUE WHEN EXISTS (
              SELECT 1 FROM agent o WHERE o.pool_id = the_pool.id AND o.id <> ALL (c.excluded_agents)
                AND o.lease_until > served AND o.revoked_at IS NULL AND NOT o.drain AND NOT o.draining);
          END IF;

          seen := NULL;
          IF c.paused OR c.concurrency_limit IS NOT NULL THEN
            seen := array_position(seen_deployments, c.deployment_id);
            IF seen IS NULL THEN
              SELECT x.paused, x.concurrency_limit INTO the_limit FROM deployment x WHERE x.id = c.deployment_id FOR NO KEY UPDATE SKIP LOCKED;
              seen_deployments := seen_deployments || c.deployment_id;
              seen := array_length(seen_deployments, 1);
              IF NOT FOUND THEN
                seen_rooms := seen_rooms || -1;
                more := true;
              ELSIF the_limit.paused THEN
                seen_rooms := seen_rooms || 0;
              ELSE
                seen_rooms := seen_rooms || limit_room(the_limit.concurrency_limit,
                  (SELECT count(*) FROM holder h WHERE h.deployment_id = c.deployment_id));
              END IF;
            END IF;
            CONTINUE WHEN seen_rooms[seen] < 0;
            IF seen_rooms[seen] = 0 THEN
              IF coalesce(array_length(parked, 1), 0) < max_parked THEN
                parked := parked || c.run_id;
                parked_limits := parked_limits || c.deployment_id;
              END IF;
              CONTINUE;
            END IF;
          END IF;

          IF bytes + c.bytes > max_reply_bytes AND bytes > 0 THEN
            more := true;
            room := 0;
            EXIT;
          END IF;
          bytes := bytes + c.bytes;
          chosen := chosen || c.run_id;
          room := room - 1;
          lane_rooms[lane] := lane_rooms[lane] - 1;
          IF seen IS NOT NULL THEN seen_rooms[seen] := seen_rooms[seen] - 1; END IF;
          warm := array_position(p_warm_digests, c.digest);
          IF pass = 1 AND warm IS NOT NULL AND p_warm_counts[warm] > 0 THEN
            p_warm_counts[warm] := p_warm_counts[warm] - 1;
            granted := granted || c.run_id;
          END IF;
        END LOOP;
        EXIT WHEN got < batch;
      END LOOP;
    END LOOP;
  END LOOP;
  IF read >= max_read THEN more := true; END IF;

  IF array_length(parked, 1) > 0 THEN
    UPDATE run_dispatch d SET parked_on = p.limit_id
    FROM (
      SELECT x.run_id, u.limit_id FROM unnest(parked, parked_limits) AS u (run_id, limit_id)
      JOIN run_dispatch x ON x.run_id = u.run_id AND x.state_type = ANY (still_waiting) AND x.parked_on IS NULL
      ORDER BY x.run_id FOR UPDATE OF x SKIP LOCKED
    ) p WHERE d.run_id = p.run_id;
  END IF;

  IF array_length(chosen, 1) > 0 THEN
    WITH mine AS MATERIALIZED (
      SELECT d.run_id FROM unnest(chosen) AS u (run_id)
      JOIN run_dispatch d ON d.run_id = u.run_id AND d.state_type = ANY (still_waiting) AND d.parked_on IS NULL AND d.due_at <= passes[2]
      ORDER BY d.run_id FOR UPDATE OF d SKIP LOCKED
    ), given AS (
      UPDATE run_dispatch d SET
        state_type = CASE WHEN d.run_id = ANY (granted) THEN 'RUNNING' ELSE 'PENDING' END,
        state_name = CASE WHEN d.run_id = ANY (granted) THEN 'Running' ELSE 'Pending' END,
        state_message = NULL, state_at = at,
        epoch = next_epoch(d.epoch), agent_id = p_agent, claimed_at = at, started_at = NULL, unnamed_since = NULL,
        permit_request_id = CASE WHEN d.run_id = ANY (granted) THEN p_claim END,
        granted_at = CASE WHEN d.run_id = ANY (granted) THEN at END,
        deadline_at = served + CASE WHEN d.run_id = ANY (granted) THEN p_start_report_ms * interval '1 ms'
          ELSE greatest(d.due_at - at, interval '0') + start_timeout_ms(v.config, the_pool.launcher) * interval '1 ms' END,
        states = d.states || jsonb_build_array(jsonb_build_object(
          'type', CASE WHEN d.run_id = ANY (granted) THEN 'RUNNING' ELSE 'PENDING' END,
          'name', CASE WHEN d.run_id = ANY (granted) THEN 'Running' ELSE 'Pending' END, 'at', iso_instant(at)))
      FROM mine, deployment_version v
      WHERE d.run_id = mine.run_id AND v.id = d.version_id
      RETURNING d.run_id, d.epoch, d.queue_id, d.deployment_id
    ), held AS (
      INSERT INTO holder (run_id, epoch, workspace_id, pool_id, queue_id, deployment_id, agent_id, taken_at)
      SELECT g.run_id, g.epoch, p_workspace, the_pool.id, g.queue_id, g.deployment_id, p_agent, at FROM given g
    )
    SELECT array_agg(g.run_id ORDER BY array_position(chosen, g.run_id)), array_agg(g.epoch ORDER BY array_position(chosen, g.run_id))
    INTO given_ids, given_epochs FROM given g;
    UPDATE claim SET run_ids = coalesce(given_ids, '{}'), epochs = coalesce(given_epochs, '{}') WHERE id = p_claim AND agent_id = p_agent;
  END IF;

  -- A claim is work's own sign of life; renewals do the rest, so at most one write in five seconds.
  UPDATE agent SET last_seen_at = now(), lease_until = served + p_lease_ms * interval '1 ms'
  WHERE id = p_agent AND (last_seen_at IS NULL OR last_seen_at < now() - interval '5 seconds');

  RETURN jsonb_build_object('more', more, 'timeline', postgres_timeline(),
    'parked', coalesce(array_length(parked, 1), 0),
    'runs', claimed_runs(p_agent, p_claim, coalesce(given_ids, '{}'), coalesce(given_epochs, '{}')));
END $$;

-- ---------------------------------------------------------------- permit

-- The right to call user code, once per epoch. Locks the dispatch row; the session is read, not locked: an older
-- session that is granted at the instant of a new hello holds a run the new one does not name, which the reaper ends.
CREATE FUNCTION grant_permit(
  p_workspace uuid, p_agent uuid, p_session integer, p_request uuid, p_run uuid, p_epoch bigint, p_start_report_ms integer
) RETURNS jsonb
LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan SET jit = off SET enable_seqscan = off
AS $$
DECLARE
  valid_ms CONSTANT integer := 10000;
  the_agent record; d record; at timestamptz; age_ms bigint;
BEGIN
  PERFORM set_config('signalbox.workspaces', p_workspace::text, true);
  SELECT a.session, a.revoked_at INTO the_agent FROM agent a WHERE a.id = p_agent AND a.workspace_id = p_workspace;
  IF NOT FOUND OR the_agent.revoked_at IS NOT NULL OR the_agent.session <> p_session THEN
    RETURN jsonb_build_object('answer', 'refused', 'reason', 'another session of this agent has begun');
  END IF;

  SELECT * INTO d FROM run_dispatch r WHERE r.run_id = p_run FOR UPDATE;
  at := clock_timestamp();
  IF NOT FOUND THEN
    RETURN jsonb_build_object('answer', 'refused', 'reason', 'the run has ended');
  ELSIF d.agent_id IS DISTINCT FROM p_agent OR d.epoch <> p_epoch THEN
    RETURN jsonb_build_object('answer', 'refused', 'reason', 'the run is not held by this agent under this epoch any more');
  ELSIF d.state_type = 'PENDING' THEN
    IF d.due_at > at THEN
      RETURN jsonb_build_object('answer', 'wait', 'ms', greatest(1, ceil(extract(epoch FROM d.due_at - at) * 1000))::bigint);
    END IF;
    UPDATE run_dispatch SET state_type = 'RUNNING', state_name = 'Running', state_message = NULL, state_at = at,
      permit_request_id = p_request, granted_at = at, deadline_at = served_now() + p_start_report_ms * interval '1 ms',
      states = d.states || jsonb_build_array(jsonb_build_object('type', 'RUNNING', 'name', 'Running', 'at', iso_instant(at)))
    WHERE run_id = p_run;
    RETURN jsonb_build_object('answer', 'granted', 'changed', true);
  ELSIF d.state_type = 'RUNNING' AND d.state_name <> 'AwaitingChild' AND d.permit_request_id = p_request AND d.granted_at IS NOT NULL THEN
    age_ms := extract(epoch FROM at - d.granted_at) * 1000;
    IF age_ms <= valid_ms THEN
      RETURN jsonb_build_object('answer', 'granted');
    END IF;
    RETURN jsonb_build_object('answer', 'refused', 'reason', format('the permit was given %s s ago and is void after 10 s', age_ms / 1000));
  ELSIF d.state_type = 'RUNNING' THEN
    RETURN jsonb_build_object('answer', 'refused', 'reason', 'the permit of this claim was given to another request');
  END IF;
  RETURN jsonb_build_object('answer', 'refused', 'reason', format('the run is %s', lower(d.state_name)));
END $$;

-- ---------------------------------------------------------------- moves

-- Writes what the run machine decided, for any number of runs: live rows change or go; slots are freed or taken;
-- attempts that are over are kept; records get their end. `deadline_ms` is served time from now.
-- Locks: rows of run_dispatch are held by the caller, ascending by id; records and holders belong to them alone.
-- Indexes: primary keys. `p_low` and `p_high` are the lowest and highest id that ends: partitions of other days are not opened.
CREATE FUNCTION write_moves(p_moves jsonb, p_low uuid, p_high uuid) RETURNS void
LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan SET jit = off SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
#variable_conflict use_column
DECLARE
  served timestamptz := served_now();
BEGIN
  WITH u AS MATERIALIZED (SELECT * FROM jsonb_to_recordset(p_moves) AS u (run_id uuid, workspace_id uuid, retention_class text, ended boolean,
  type text, name text, message text, at timestamptz, states jsonb, raise boolean, owner text, slots text,
  deadline_ms bigint, due_at timestamptz, expires_ms bigint, permit_request_id uuid, granted_at timestamptz, started_at timestamptz,
  attempt int, retries int, infrastructure_attempts int, start_failures int, first_start_failure_at timestamptz, excluded_agents uuid[],
  cancel_cause text, failure jsonb, result jsonb, over_epoch bigint, over_attempt int, over_agent uuid, over_claimed_at timestamptz,
  over_granted_at timestamptz, over_started_at timestamptz, over_type text, over_name text, over_message text)),
  moved AS (
    UPDATE run_dispatch d SET
      state_type = u.type, state_name = u.name, state_message = u.message, state_at = u.at, due_at = u.due_at,
      epoch = CASE WHEN u.raise THEN next_epoch(d.epoch) ELSE d.epoch END,
      agent_id = CASE WHEN u.owner = 'release' THEN NULL ELSE d.agent_id END,
      claimed_at = CASE WHEN u.owner = 'release' THEN NULL ELSE d.claimed_at END,
      permit_request_id = u.permit_request_id, granted_at = u.granted_at, started_at = u.started_at,
      first_started_at = coalesce(d.first_started_at, u.started_at, u.over_started_at),
      deadline_at = served + u.deadline_ms * interval '1 ms', parked_on = NULL,
      unnamed_since = CASE WHEN u.owner = 'release' OR (d.state_name = 'Lost' AND u.name <> 'Lost') THEN NULL ELSE d.unnamed_since END,
      attempt = u.attempt, retries = u.retries, infrastructure_attempts = u.infrastructure_attempts, start_failures = u.start_failures,
      first_start_failure_at = u.first_start_failure_at, excluded_agents = u.excluded_agents, cancel_cause = u.cancel_cause,
      late_at = CASE WHEN u.due_at > d.due_at THEN NULL ELSE d.late_at END,
      expires_at = coalesce(u.due_at + u.expires_ms * interval '1 ms', d.expires_at), states = d.states || u.states
    FROM u WHERE d.run_id = u.run_id AND NOT u.ended
    RETURNING d.run_id, d.epoch
  ), gone AS (
    DELETE FROM run_dispatch d USING u WHERE d.run_id = u.run_id AND u.ended
    RETURNING d.run_id, d.retention_class, d.states, d.first_started_at, d.epoch
  ), freed AS (
    DELETE FROM holder h USING u WHERE h.run_id = u.run_id AND (u.slots = 'free' OR u.ended)
  ), taken AS (
    INSERT INTO holder (run_id, epoch, workspace_id, pool_id, queue_id, deployment_id, agent_id)
    SELECT d.run_id, d.epoch, d.workspace_id, d.pool_id, d.queue_id, d.deployment_id, d.agent_id
    FROM u JOIN run_dispatch d ON d.run_id = u.run_id WHERE u.slots = 'take' AND NOT u.ended AND d.agent_id IS NOT NULL
    ON CONFLICT (run_id) DO NOTHING
  ), attempts AS (
    INSERT INTO attempt (retention_class, run_id, epoch, workspace_id, attempt, agent_id, claimed_at, granted_at, started_at, ended_at,
      state_type, state_name, message)
    SELECT u.retention_class, u.run_id, u.over_epoch, u.workspace_id, u.over_attempt, u.over_agent, u.over_claimed_at, u.over_granted_at,
      u.over_started_at, u.at, u.over_type, u.over_name, u.over_message
    FROM u WHERE u.over_epoch IS NOT NULL
  )
  UPDATE run r SET state_type = u.type, state_name = u.name, state_message = u.message, attempt = u.attempt, epoch = gone.epoch,
    started_at = coalesce(r.started_at, gone.first_started_at, u.started_at), ended_at = u.at, states = gone.states || u.states,
    failure = u.failure, result = u.result
  FROM u JOIN gone USING (run_id)
  WHERE r.id = gone.run_id AND r.retention_class = gone.retention_class AND r.id >= p_low AND r.id <= p_high;
END $$;

-- ---------------------------------------------------------------- waiters

-- Lets as many waiters of a deployment's limit back into the claim's index as there is room; answers their pools.
-- Holds the limit's row lock, as parking does: a run parked while a slot was being freed is seen here or not parked.
CREATE FUNCTION wake_waiters(p_deployment uuid) RETURNS TABLE (workspace_id uuid, pool_id uuid)
LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan SET jit = off SET enable_seqscan = off
AS $$
DECLARE
  dep record; room integer;
BEGIN
  SELECT x.paused, x.concurrency_limit INTO dep FROM deployment x WHERE x.id = p_deployment FOR NO KEY UPDATE;
  -- A limit that is gone holds nobody back.
  room := CASE WHEN NOT FOUND THEN 1000 WHEN dep.paused THEN 0 ELSE
    least(1000, limit_room(dep.concurrency_limit, (SELECT count(*) FROM holder h WHERE h.deployment_id = p_deployment))) END;
  IF room = 0 THEN RETURN; END IF;
  RETURN QUERY
    WITH woken AS (
      UPDATE run_dispatch d SET parked_on = NULL
      FROM (
        SELECT w.run_id FROM run_dispatch w WHERE w.parked_on = p_deployment
        ORDER BY w.due_at, w.run_id LIMIT room FOR UPDATE SKIP LOCKED
      ) w WHERE d.run_id = w.run_id
      RETURNING d.workspace_id, d.pool_id
    )
    SELECT DISTINCT woken.workspace_id, woken.pool_id FROM woken WHERE woken.pool_id IS NOT NULL;
END $$;
