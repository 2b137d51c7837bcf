-- Incidents: what people work on together, with all that was said and done about it, and what it is about.
SET lock_timeout = '5s';

CREATE TABLE incident (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL REFERENCES workspace ON DELETE CASCADE,
  title text NOT NULL,
  summary text NOT NULL DEFAULT '',
  severity text NOT NULL,
  status text NOT NULL,
  -- Names the problem: while one with it is open, there is no second.
  key text,
  declared_by text NOT NULL,
  declared_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  resolved_at timestamptz
);
CREATE UNIQUE INDEX incident_open_key ON incident (workspace_id, key) WHERE key IS NOT NULL AND resolved_at IS NULL;
CREATE INDEX incident_feed ON incident (workspace_id, id DESC);

CREATE TABLE incident_entry (
  id uuid PRIMARY KEY,
  incident_id uuid NOT NULL REFERENCES incident ON DELETE CASCADE,
  workspace_id uuid NOT NULL REFERENCES workspace ON DELETE CASCADE,
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  kind text NOT NULL,
  actor_kind text NOT NULL,
  actor_name text NOT NULL,
  text text NOT NULL DEFAULT '',
  before text,
  after text,
  -- Of a program that may ask twice: a repeat makes no second entry.
  request_key text,
  UNIQUE (workspace_id, request_key)
);
CREATE INDEX incident_timeline ON incident_entry (incident_id, id);

CREATE TABLE incident_link (
  incident_id uuid NOT NULL REFERENCES incident ON DELETE CASCADE,
  -- Id as people know it: run_..., dep_..., of an automation, a firing, a group of failures.
  ref text NOT NULL,
  workspace_id uuid NOT NULL REFERENCES workspace ON DELETE CASCADE,
  kind text NOT NULL,
  name text NOT NULL DEFAULT '',
  linked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (incident_id, ref)
);
CREATE INDEX incident_link_ref ON incident_link (workspace_id, ref);

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['incident', 'incident_entry', 'incident_link'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY owner_all ON %I TO signalbox_owner USING (true) WITH CHECK (true)', t);
    EXECUTE format('CREATE POLICY system_all ON %I TO signalbox_system USING (true) WITH CHECK (true)', t);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO signalbox_system', t);
    EXECUTE format('CREATE POLICY app_workspace ON %I TO signalbox_app
      USING (workspace_id = (SELECT nullif(current_setting(''signalbox.workspace'', true), '''')::uuid))', t);
  END LOOP;
END $$;
GRANT SELECT, INSERT, UPDATE ON incident TO signalbox_app;
-- What was said stays said.
GRANT SELECT, INSERT ON incident_entry TO signalbox_app;
GRANT SELECT, INSERT, DELETE ON incident_link TO signalbox_app;
