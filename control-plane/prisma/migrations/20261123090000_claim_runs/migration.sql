-- Gives the best runs of this instant to one agent.
--
-- Order: runs that are due before runs that soon will be (those take only room that no due run wants); within each
-- (queue priority, due_at, run_id), read from run_dispatch_claim in small batches by keyset.
-- Locks: the claim's id first (a repeat waits for the first and reads its answer), the pool row (claims of a pool take
-- turns, so counting `holder` is exact), limited or paused deployments as they are met, SKIP LOCKED (they are met in
-- no order; one that is busy makes the answer `more`), runs by id, SKIP LOCKED.
-- Parents whose child has ended go on ahead of new claims: room that they want is theirs (run_dispatch_resume).
-- A full or paused queue costs nothing, its runs are not read. Runs of a full or paused deployment are parked on it,
-- at most 200 a claim, under the lock that waking takes.
CREATE OR REPLACE FUNCTION claim_runs(
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
    CASE WHEN the_pool.concurrency_limit IS NULL THEN 0 ELSE (SELECT count(*) FROM holder h WHERE h.pool_id = the_pool.id)
      + (SELECT count(*) FROM run_dispatch w WHERE w.pool_id = the_pool.id AND w.resume_since IS NOT NULL) END));
  IF the_pool.paused THEN room := 0; END IF;

  SELECT array_agg(q.id), array_agg(q.priority), array_agg(q.room) INTO lanes, lane_priorities, lane_rooms
  FROM (
    SELECT q.id, q.priority, limit_room(q.concurrency_limit, CASE WHEN q.concurrency_limit IS NULL THEN 0 ELSE
      (SELECT count(*) FROM holder h WHERE h.pool_id = q.pool_id AND h.queue_id = q.id)
      + (SELECT count(*) FROM run_dispatch w WHERE w.pool_id = q.pool_id AND w.queue_id = q.id AND w.resume_since IS NOT NULL) END) AS room
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
                  (SELECT count(*) FROM holder h WHERE h.deployment_id = c.deployment_id)
                  + (SELECT count(*) FROM run_dispatch w
                     WHERE w.pool_id = the_pool.id AND w.deployment_id = c.deployment_id AND w.resume_since IS NOT NULL));
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
