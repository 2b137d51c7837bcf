-- Keys of deployments' limits for which runs wait, or have waited until now: whether events told so, and from when on it is otherwise.
-- A row goes with its wait; no deployment has one of a key that nobody waits for.
SET lock_timeout = '5s';

CREATE TABLE key_saturation (
  -- As run_dispatch.key_limit_id.
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL REFERENCES workspace ON DELETE CASCADE,
  deployment_id uuid NOT NULL REFERENCES deployment ON DELETE CASCADE,
  key text NOT NULL,
  told boolean NOT NULL DEFAULT false,
  differs_since timestamptz
);
CREATE INDEX key_saturation_deployment ON key_saturation (deployment_id);
CREATE INDEX key_saturation_workspace ON key_saturation (workspace_id);
ALTER TABLE key_saturation ENABLE ROW LEVEL SECURITY;
ALTER TABLE key_saturation FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_all ON key_saturation TO signalbox_owner USING (true) WITH CHECK (true);
CREATE POLICY system_all ON key_saturation TO signalbox_system USING (true) WITH CHECK (true);
CREATE POLICY app_workspace ON key_saturation TO signalbox_app
  USING (workspace_id = (SELECT nullif(current_setting('signalbox.workspace', true), '')::uuid));
GRANT SELECT, INSERT, UPDATE, DELETE ON key_saturation TO signalbox_system;
-- With its deployment, or its workspace.
GRANT SELECT, DELETE ON key_saturation TO signalbox_app;
