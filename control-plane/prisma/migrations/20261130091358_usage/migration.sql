-- What workspaces use, by the hour, and how much they may. Replicas count in memory and tell it in batches: no write per call.
SET lock_timeout = '5s';

CREATE TABLE usage_hour (
  workspace_id uuid NOT NULL REFERENCES workspace ON DELETE CASCADE,
  kind text NOT NULL,
  hour timestamptz NOT NULL,
  used bigint NOT NULL DEFAULT 0,
  refused bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (workspace_id, kind, hour)
);
-- What the sweep asks for.
CREATE INDEX usage_hour_age ON usage_hour (hour);

-- A minute's worth, filled by the clock; only where there is a bound.
CREATE TABLE usage_bucket (
  workspace_id uuid NOT NULL REFERENCES workspace ON DELETE CASCADE,
  kind text NOT NULL,
  capacity double precision NOT NULL,
  level double precision NOT NULL,
  at timestamptz NOT NULL,
  PRIMARY KEY (workspace_id, kind)
) WITH (fillfactor = 50);

-- What the operator of the installation set for one workspace instead of the default; 0: unlimited.
CREATE TABLE usage_limit (
  workspace_id uuid NOT NULL REFERENCES workspace ON DELETE CASCADE,
  kind text NOT NULL,
  span text NOT NULL CHECK (span IN ('minute', 'day', 'now')),
  most bigint NOT NULL CHECK (most >= 0),
  reason text NOT NULL DEFAULT '',
  set_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (workspace_id, kind, span)
);

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['usage_hour', 'usage_bucket', 'usage_limit'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY owner_all ON %I TO signalbox_owner USING (true) WITH CHECK (true)', t);
    EXECUTE format('CREATE POLICY system_all ON %I TO signalbox_system USING (true) WITH CHECK (true)', t);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO signalbox_system', t);
    -- A workspace reads what it uses, and changes none of it.
    EXECUTE format('CREATE POLICY app_workspace ON %I TO signalbox_app
      USING (workspace_id = (SELECT nullif(current_setting(''signalbox.workspace'', true), '''')::uuid))', t);
    EXECUTE format('GRANT SELECT ON %I TO signalbox_app', t);
  END LOOP;
END $$;
