-- Most requests may see all of their workspace. They wear a role of their own, a member of signalbox_app for which planning leaves
-- narrowing out: two looks at settings a table and statement less, and none at each task run's, log's and artifact's run.
SET lock_timeout = '5s';

-- Says "immutable" so that planning works it out, and a policy's other arm is gone from the plan. It holds for as long as a plan is
-- used: Postgres makes plans that row-level security is part of anew for each role. PL/pgSQL, since it is cheapest to call.
CREATE FUNCTION sees_whole_workspace() RETURNS boolean LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
  RETURN current_user OPERATOR(pg_catalog.=) 'signalbox_whole'::name;
END $$;
REVOKE ALL ON FUNCTION sees_whole_workspace() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sees_whole_workspace() TO signalbox_app;

-- As signalbox_app, which earlier builds wear for all, the setting of the transaction says what is seen, as before.
DO $$
DECLARE p record;
BEGIN
  FOR p IN SELECT tablename, qual FROM pg_policies WHERE schemaname = 'public' AND policyname = 'app_narrowed' ORDER BY tablename LOOP
    EXECUTE format('ALTER POLICY app_narrowed ON %I USING (sees_whole_workspace() OR (%s))', p.tablename, p.qual);
  END LOOP;
END $$;
