-- `claim_runs` for this build: it answers what runs of one version share once, and builds its answer from the rows that it has just written,
-- as text. Half of a claim's time went into telling each run whole, as jsonb, from rows that it looked up again. The build before goes on with
-- `claim_runs`, until a migration takes it away.

SET lock_timeout = '5s';

-- Gives the best runs of this instant to one agent.
--
-- Order: runs that are due before runs that soon will be (those take only room that no due run wants); within each
-- (queue priority, rank, run_id), read from run_dispatch_claim in small batches by keyset, from the queue's mark on.
-- Locks: the claim's id first (a repeat waits for the first and reads its answer), the pool row (claims of a pool take
-- turns, so counting `holder` is exact), limited or paused deployments as they are met, SKIP LOCKED (they are met in
-- no order; one that is busy makes the answer `more`), runs by id, SKIP LOCKED.
-- Parents whose child has ended go on ahead of new claims: room that they want is theirs (run_dispatch_resume).
-- A full or paused queue costs nothing, its runs are not read. A run is chosen when every limit of its has room, and takes
-- all its slots at once: pool, queue, deployment, key. Else it is parked on the first that is full, at most 200 a claim,
-- under the lock that waking takes (the deployment's, also for its keys). `collisions` names full limits whose deployment
-- cancels instead of waiting: dealt with after the commit.
CREATE FUNCTION give_runs(
  p_workspace uuid, p_agent uuid, p_session integer, p_claim uuid, p_free integer,
  p_warm_digests text[], p_warm_counts integer[], p_prefetch_ms integer, p_start_report_ms integer, p_lease_ms bigint
) RETURNS json
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
  lanes uuid[]; lane_rooms integer[]; lane_fair boolean[]; marks timestamptz[]; lane integer;
  seen_limits uuid[] := '{}'; seen_rooms integer[] := '{}'; seen integer; seen_key integer; full_limit uuid;
  last_rank timestamptz; last_id uuid; batch integer; got integer; low timestamptz; is_skipping boolean; stays boolean;
  lows timestamptz[] := '{}'; left_index integer := 0;
  room integer; bytes integer := 0; read integer := 0; more boolean := false; warm integer;
  chosen uuid[] := '{}'; granted uuid[] := '{}'; parked uuid[] := '{}'; parked_limits uuid[] := '{}';
  collided uuid[] := '{}'; collided_limits uuid[] := '{}';
  given_ids uuid[]; given_epochs bigint[]; given_versions uuid[]; told json; low_id uuid; high_id uuid;
BEGIN
  PERFORM set_config('signalbox.workspaces', p_workspace::text, true);

  SELECT a.pool_id, a.session, a.revoked_at, a.drain, a.draining, a.backoff_until, a.last_seen_at INTO the_agent
  FROM agent a WHERE a.id = p_agent AND a.workspace_id = p_workspace;
  IF NOT FOUND OR the_agent.revoked_at IS NOT NULL THEN
    RETURN json_build_object('refused', 'revoked');
  ELSIF the_agent.session <> p_session THEN
    RETURN json_build_object('refused', 'session', 'session', the_agent.session);
  END IF;

  INSERT INTO claim (id, workspace_id, agent_id) VALUES (p_claim, p_workspace, p_agent) ON CONFLICT (agent_id, id) DO NOTHING;
  IF NOT FOUND THEN
    SELECT run_ids, epochs INTO given_ids, given_epochs FROM claim WHERE id = p_claim AND agent_id = p_agent;
    RETURN json_build_object('repeated', true, 'more', false, 'timeline', postgres_timeline(),
      'runs', claimed_runs(p_agent, p_claim, coalesce(given_ids, '{}'), coalesce(given_epochs, '{}')));
  END IF;

  IF the_agent.drain OR the_agent.draining OR the_agent.backoff_until > now() THEN
    RETURN json_build_object('runs', '[]'::json, 'more', false, 'timeline', postgres_timeline());
  END IF;

  SELECT p.id, p.concurrency_limit, p.paused, p.launcher, p.job_defaults INTO the_pool
  FROM work_pool p WHERE p.id = the_agent.pool_id FOR NO KEY UPDATE;
  -- Read after the lock: a claim that waited for it must not decide with an older clock.
  at := clock_timestamp();

  room := least(p_free, limit_room(the_pool.concurrency_limit,
    CASE WHEN the_pool.concurrency_limit IS NULL THEN 0 ELSE (SELECT count(*) FROM holder h WHERE h.pool_id = the_pool.id)
      + (SELECT coalesce(sum(w.n), 0)::bigint FROM resuming(the_pool.id) w) END));
  IF the_pool.paused THEN room := 0; END IF;

  -- Served marks are read, not locked: claims of this pool take turns, and others only lower them.
  SELECT array_agg(q.id), array_agg(q.room), array_agg(q.fair_parts IS NOT NULL), array_agg(coalesce(q.mark, '-infinity'))
  INTO lanes, lane_rooms, lane_fair, marks
  FROM (
    SELECT q.id, q.fair_parts, m.rank AS mark, limit_room(q.concurrency_limit, CASE WHEN q.concurrency_limit IS NULL THEN 0 ELSE
      (SELECT count(*) FROM holder h WHERE h.pool_id = q.pool_id AND h.queue_id = q.id)
      + (SELECT coalesce(sum(w.n), 0)::bigint FROM resuming(q.pool_id) w WHERE w.queue_id = q.id) END) AS room
    FROM work_queue q LEFT JOIN queue_mark m ON m.queue_id = q.id
    WHERE q.pool_id = the_pool.id AND NOT q.paused ORDER BY q.priority, q.id
  ) q WHERE q.room > 0;
  lows := marks;

  passes := ARRAY[at, at + p_prefetch_ms * interval '1 ms'];
  FOR pass IN 1 .. 2 LOOP
    horizon := passes[pass];
    FOR lane IN 1 .. coalesce(array_length(lanes, 1), 0) LOOP
      -- What is due soon lies behind what is due, save in virtual time.
      last_rank := CASE WHEN pass = 1 OR lane_fair[lane] THEN marks[lane] - mark_margin() ELSE at END;
      last_id := CASE WHEN pass = 1 OR lane_fair[lane] THEN '00000000-0000-0000-0000-000000000000' ELSE 'ffffffff-ffff-ffff-ffff-ffffffffffff' END;
      -- The mark follows the runs that leave the index, up to the first that stays in it.
      low := marks[lane];
      is_skipping := pass = 2;
      LOOP
        EXIT WHEN room <= 0 OR read >= max_read OR lane_rooms[lane] <= 0;
        batch := least(room + 8, 256);
        got := 0;
        FOR c IN
          SELECT d.run_id, d.rank, d.due_at, d.queue_id, d.deployment_id, d.excluded_agents, v.digest,
            dep.paused, dep.concurrency_limit, dep.key_limit, dep.collision, CASE WHEN dep.key_limit IS NOT NULL THEN d.key_limit_id END AS key_limit_id,
            CASE WHEN d.payload_bytes <= 65536 THEN d.payload_bytes ELSE 2000 END
              + octet_length(v.config::text) + octet_length(v.source::text) + 1000 AS bytes
          FROM (
            SELECT d.run_id, d.rank, d.due_at, d.queue_id, d.deployment_id, d.version_id, d.excluded_agents, d.payload_bytes, d.key_limit_id
            FROM run_dispatch d
            WHERE d.queue_id = lanes[lane] AND d.state_type = 'SCHEDULED' AND d.parked_on IS NULL
              AND (d.rank, d.run_id) > (last_rank, last_id) AND d.rank <= horizon AND d.due_at <= horizon
            ORDER BY d.rank, d.run_id LIMIT batch
          ) d
          JOIN deployment_version v ON v.id = d.version_id
          JOIN deployment dep ON dep.id = d.deployment_id
          ORDER BY d.rank, d.run_id
        LOOP
          got := got + 1;
          read := read + 1;
          last_rank := c.rank;
          last_id := c.run_id;
          EXIT WHEN room <= 0 OR lane_rooms[lane] <= 0;
          CONTINUE WHEN pass = 2 AND c.due_at <= at;
          -- Unless it is chosen or parked, it stays, and the mark with it.
          stays := is_skipping;
          is_skipping := true;

          -- An agent on which it failed to start gets it again only when no other agent is there to try.
          IF p_agent = ANY (c.excluded_agents) THEN
            CONTINUE WHEN EXISTS (
              SELECT 1 FROM agent o WHERE o.pool_id = the_pool.id AND o.id <> ALL (c.excluded_agents)
                AND o.lease_until > served AND o.revoked_at IS NULL AND NOT o.drain AND NOT o.draining);
          END IF;

          seen := NULL;
          seen_key := NULL;
          IF c.paused OR c.concurrency_limit IS NOT NULL OR c.key_limit_id IS NOT NULL THEN
            seen := array_position(seen_limits, c.deployment_id);
            IF seen IS NULL THEN
              SELECT x.paused, x.concurrency_limit INTO the_limit FROM deployment x WHERE x.id = c.deployment_id FOR NO KEY UPDATE SKIP LOCKED;
              seen_limits := seen_limits || c.deployment_id;
              seen := array_length(seen_limits, 1);
              IF NOT FOUND THEN
                seen_rooms := seen_rooms || -1;
                more := true;
              ELSIF the_limit.paused THEN
                seen_rooms := seen_rooms || 0;
              ELSE
                seen_rooms := seen_rooms || limit_room(the_limit.concurrency_limit, CASE WHEN the_limit.concurrency_limit IS NULL THEN 0 ELSE
                  (SELECT count(*) FROM holder h WHERE h.deployment_id = c.deployment_id)
                  + (SELECT coalesce(sum(w.n), 0)::bigint FROM resuming(the_pool.id) w WHERE w.deployment_id = c.deployment_id) END);
              END IF;
            END IF;
            CONTINUE WHEN seen_rooms[seen] < 0;
            full_limit := CASE WHEN seen_rooms[seen] = 0 THEN c.deployment_id END;
            IF full_limit IS NULL AND c.key_limit_id IS NOT NULL THEN
              seen_key := array_position(seen_limits, c.key_limit_id);
              IF seen_key IS NULL THEN
                seen_limits := seen_limits || c.key_limit_id;
                seen_key := array_length(seen_limits, 1);
                seen_rooms := seen_rooms || limit_room(c.key_limit, (SELECT count(*) FROM holder h WHERE h.key_limit_id = c.key_limit_id)
                  + (SELECT coalesce(sum(w.n), 0)::bigint FROM resuming(the_pool.id) w WHERE w.key_limit_id = c.key_limit_id));
              END IF;
              IF seen_rooms[seen_key] = 0 THEN full_limit := c.key_limit_id; END IF;
            END IF;
            IF full_limit IS NOT NULL THEN
              IF c.collision <> 'ENQUEUE' AND NOT c.paused AND NOT full_limit = ANY (collided_limits) THEN
                collided := collided || c.deployment_id;
                collided_limits := collided_limits || full_limit;
              END IF;
              IF coalesce(array_length(parked, 1), 0) < max_parked THEN
                parked := parked || c.run_id;
                parked_limits := parked_limits || full_limit;
                IF NOT stays THEN low := c.rank; is_skipping := false; END IF;
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
          low_id := least(low_id, c.run_id);
          high_id := greatest(high_id, c.run_id);
          room := room - 1;
          lane_rooms[lane] := lane_rooms[lane] - 1;
          IF seen IS NOT NULL THEN seen_rooms[seen] := seen_rooms[seen] - 1; END IF;
          IF seen_key IS NOT NULL THEN seen_rooms[seen_key] := seen_rooms[seen_key] - 1; END IF;
          IF NOT stays THEN low := c.rank; is_skipping := false; END IF;
          warm := array_position(p_warm_digests, c.digest);
          IF pass = 1 AND warm IS NOT NULL AND p_warm_counts[warm] > 0 THEN
            p_warm_counts[warm] := p_warm_counts[warm] - 1;
            granted := granted || c.run_id;
          END IF;
        END LOOP;
        EXIT WHEN got < batch;
      END LOOP;
      IF pass = 1 THEN lows[lane] := greatest(low, marks[lane]); END IF;
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
    GET DIAGNOSTICS left_index = ROW_COUNT;
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
          ELSE greatest(d.due_at - at, interval '0') + coalesce(dep.slot_grace_ms, start_timeout_ms(v.config, the_pool.launcher)) * interval '1 ms' END,
        states = d.states || jsonb_build_array(jsonb_build_object(
          'type', CASE WHEN d.run_id = ANY (granted) THEN 'RUNNING' ELSE 'PENDING' END,
          'name', CASE WHEN d.run_id = ANY (granted) THEN 'Running' ELSE 'Pending' END, 'at', iso_instant(at)))
      FROM mine, deployment_version v, deployment dep
      WHERE d.run_id = mine.run_id AND v.id = d.version_id AND dep.id = d.deployment_id
      RETURNING d.run_id, d.epoch, d.queue_id, d.deployment_id, d.key_limit_id, d.version_id, d.retention_class, d.attempt, d.due_at,
        d.granted_at IS NOT NULL AS is_granted
    ), held AS (
      INSERT INTO holder (run_id, epoch, workspace_id, pool_id, queue_id, deployment_id, key_limit_id, agent_id, taken_at)
      SELECT g.run_id, g.epoch, p_workspace, the_pool.id, g.queue_id, g.deployment_id, g.key_limit_id, p_agent, at FROM given g
    )
    -- Days between the lowest and the highest id alone are opened.
    SELECT array_agg(g.run_id ORDER BY g.n), array_agg(g.epoch ORDER BY g.n), array_agg(DISTINCT g.version_id),
      json_agg(json_build_object(
        'runId', g.run_id, 'epoch', g.epoch, 'name', r.name, 'attempt', g.attempt, 'versionId', g.version_id, 'variables', r.variables,
        'parameters', CASE WHEN octet_length(r.parameters::text) <= 65536 THEN r.parameters END, 'tags', r.tags, 'dueAt', iso_instant(g.due_at),
        'dueInMs', greatest(0, ceil(extract(epoch FROM g.due_at - clock_timestamp()) * 1000))::bigint,
        'replayFloor', r.replay_floor, 'parent', r.parent_run_id, 'granted', g.is_granted
      ) ORDER BY g.n) FILTER (WHERE r.id IS NOT NULL)
    INTO given_ids, given_epochs, given_versions, told
    FROM (SELECT given.*, array_position(chosen, given.run_id) AS n FROM given) g
    LEFT JOIN run r ON r.retention_class = g.retention_class AND r.id = g.run_id AND r.id >= low_id AND r.id <= high_id;
    UPDATE claim SET run_ids = coalesce(given_ids, '{}'), epochs = coalesce(given_epochs, '{}') WHERE id = p_claim AND agent_id = p_agent;
  END IF;

  -- Marks move up when all that was to leave the index did; by due instant a second at a time, so that few claims write one.
  left_index := left_index + coalesce(array_length(given_ids, 1), 0);
  IF left_index > 0 AND left_index = coalesce(array_length(parked, 1), 0) + coalesce(array_length(chosen, 1), 0) THEN
    INSERT INTO queue_mark AS m (queue_id, workspace_id, rank)
    SELECT u.queue_id, p_workspace, u.low FROM unnest(lanes, marks, lows, lane_fair) AS u (queue_id, mark, low, is_fair)
    WHERE u.low > u.mark AND (u.is_fair OR u.low > u.mark + interval '1 second') ORDER BY u.queue_id
    -- Lowered in between: a run waits there, and the mark stays where it was put.
    ON CONFLICT (queue_id) DO UPDATE SET rank = EXCLUDED.rank WHERE m.rank = ANY (marks);
  END IF;

  -- A claim is work's own sign of life; renewals do the rest, so at most one write in five seconds.
  IF the_agent.last_seen_at IS NULL OR the_agent.last_seen_at < now() - interval '5 seconds' THEN
    UPDATE agent SET last_seen_at = now(), lease_until = served + p_lease_ms * interval '1 ms' WHERE id = p_agent;
  END IF;

  RETURN json_build_object('more', more, 'timeline', postgres_timeline(),
    'parked', coalesce(array_length(parked, 1), 0),
    'collisions', (SELECT coalesce(json_agg(json_build_object('deploymentId', u.d, 'limitId', u.l)), '[]') FROM unnest(collided, collided_limits) AS u (d, l)),
    'launcher', the_pool.launcher, 'pool', the_pool.job_defaults,
    'versions', (SELECT coalesce(json_object_agg(v.id, json_build_object(
        'flowId', f.id, 'flowName', f.name, 'deploymentId', dep.id, 'deploymentName', dep.name, 'digest', v.digest, 'source', v.source, 'config', v.config,
        'startTimeoutMs', coalesce(dep.slot_grace_ms, start_timeout_ms(v.config, the_pool.launcher)))), '{}')
      FROM unnest(given_versions) AS u (id) JOIN deployment_version v ON v.id = u.id JOIN deployment dep ON dep.id = v.deployment_id JOIN flow f ON f.id = dep.flow_id),
    'runs', coalesce(told, '[]'));
END $$;
