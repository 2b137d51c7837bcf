-- What flows read of their workspace, and tell it: variables, and custom events.

CREATE TABLE variable (
  workspace_id uuid NOT NULL REFERENCES workspace ON DELETE CASCADE,
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 255),
  -- An envelope: { encoding, body }.
  value jsonb NOT NULL,
  description text NOT NULL DEFAULT '',
  tags text[] NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (workspace_id, name)
);

-- Custom events as flows emitted them. The id is the flow's own request: a repeat is one row.
CREATE TABLE custom_event (
  workspace_id uuid NOT NULL REFERENCES workspace ON DELETE CASCADE,
  run_id uuid NOT NULL,
  id uuid NOT NULL,
  epoch bigint NOT NULL,
  name text NOT NULL,
  resource text,
  payload jsonb NOT NULL,
  occurred_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (workspace_id, run_id, id)
);
-- What the sweep asks for.
CREATE INDEX custom_event_created ON custom_event (created_at);

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['variable', 'custom_event'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY owner_all ON %I TO signalbox_owner USING (true) WITH CHECK (true)', t);
    EXECUTE format('CREATE POLICY system_all ON %I TO signalbox_system USING (true) WITH CHECK (true)', t);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO signalbox_system', t);
    EXECUTE format('CREATE POLICY app_workspace ON %I TO signalbox_app
      USING (workspace_id = (SELECT nullif(current_setting(''signalbox.workspace'', true), '''')::uuid))', t);
    EXECUTE format('CREATE POLICY report_workspaces ON %I TO signalbox_report
      USING (workspace_id = ANY ((SELECT string_to_array(nullif(current_setting(''signalbox.workspaces'', true), ''''), '','')::uuid[])::uuid[]))', t);
  END LOOP;
END $$;
GRANT SELECT, INSERT, UPDATE, DELETE ON variable TO signalbox_app;
GRANT SELECT ON variable TO signalbox_report;
GRANT SELECT ON custom_event TO signalbox_app;
GRANT SELECT, INSERT ON custom_event TO signalbox_report;
