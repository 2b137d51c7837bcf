-- The failure inbox: runs that failed or crashed, grouped by what went wrong. Written by a loop that follows the feed of events; the
-- transition of a run knows nothing of it.
SET lock_timeout = '5s';

CREATE TABLE failure_group (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL REFERENCES workspace ON DELETE CASCADE,
  -- SHA-256 of what the failures of the group have in common.
  fingerprint bytea NOT NULL,
  kind text NOT NULL,
  title text NOT NULL,
  -- Of the first one: the message as it was, and the frames of the user's code.
  message text NOT NULL,
  frames text[] NOT NULL,
  occurrences bigint NOT NULL DEFAULT 0,
  first_at timestamptz NOT NULL,
  last_at timestamptz NOT NULL,
  first_run_id uuid NOT NULL,
  last_run_id uuid NOT NULL,
  owner text,
  acknowledged_at timestamptz,
  acknowledged_by text,
  muted_until timestamptz,
  resolved_at timestamptz,
  resolved_by text,
  -- { deployment: number of the newest version at the time }: a later version reopens it. Null: any later run does.
  resolved_versions jsonb,
  UNIQUE (workspace_id, fingerprint)
);
CREATE INDEX failure_group_feed ON failure_group (workspace_id, last_at DESC, id DESC);
-- What the sweep asks for.
CREATE INDEX failure_group_last ON failure_group (last_at);

CREATE TABLE failure_group_deployment (
  group_id uuid NOT NULL REFERENCES failure_group ON DELETE CASCADE,
  deployment_id uuid NOT NULL,
  workspace_id uuid NOT NULL REFERENCES workspace ON DELETE CASCADE,
  occurrences bigint NOT NULL,
  first_version integer NOT NULL,
  last_version integer NOT NULL,
  last_at timestamptz NOT NULL,
  PRIMARY KEY (group_id, deployment_id)
);
CREATE INDEX failure_group_of_deployment ON failure_group_deployment (workspace_id, deployment_id);

CREATE TABLE failure_member (
  run_id uuid NOT NULL,
  epoch bigint NOT NULL,
  group_id uuid NOT NULL REFERENCES failure_group ON DELETE CASCADE,
  workspace_id uuid NOT NULL REFERENCES workspace ON DELETE CASCADE,
  at timestamptz NOT NULL,
  PRIMARY KEY (run_id, epoch)
);
CREATE INDEX failure_member_of_group ON failure_member (group_id, run_id);
-- What the sweep asks for.
CREATE INDEX failure_member_at ON failure_member (at);

-- Up to which position of the feed groups are computed. One row.
CREATE TABLE failure_cursor (shard smallint PRIMARY KEY, position bigint NOT NULL, day date NOT NULL);
INSERT INTO failure_cursor SELECT shard, position, (now() AT TIME ZONE 'UTC')::date FROM event_shard;

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['failure_group', 'failure_group_deployment', 'failure_member', 'failure_cursor'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY owner_all ON %I TO signalbox_owner USING (true) WITH CHECK (true)', t);
    EXECUTE format('CREATE POLICY system_all ON %I TO signalbox_system USING (true) WITH CHECK (true)', t);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO signalbox_system', t);
  END LOOP;
  FOREACH t IN ARRAY ARRAY['failure_group', 'failure_group_deployment', 'failure_member'] LOOP
    EXECUTE format('CREATE POLICY app_workspace ON %I TO signalbox_app
      USING (workspace_id = (SELECT nullif(current_setting(''signalbox.workspace'', true), '''')::uuid))', t);
    EXECUTE format('GRANT SELECT ON %I TO signalbox_app', t);
  END LOOP;
END $$;
GRANT UPDATE ON failure_group TO signalbox_app;
