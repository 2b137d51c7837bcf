-- What a run, a list or a page names (its flow, deployment, version, pool, queue, agent, attempts) is looked up by key, a row a time. For
-- these the workspace is asked for as part of the look-up: a plan of its own for it, once a table and statement, costs more than the
-- look-up itself. Tables that are read in long stretches keep theirs, which is asked once for all of their rows.
SET lock_timeout = '5s';

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['flow', 'deployment', 'deployment_version', 'work_pool', 'work_queue', 'agent', 'attempt'] LOOP
    EXECUTE format('ALTER POLICY app_workspace ON %I USING (workspace_id = nullif(current_setting(''signalbox.workspace'', true), '''')::uuid)', t);
  END LOOP;
END $$;
