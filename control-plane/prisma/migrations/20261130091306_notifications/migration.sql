-- Channels that tell people and other systems, what is to be told, and which problems they were told of.
SET lock_timeout = '5s';

CREATE TABLE notification_channel (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL REFERENCES workspace ON DELETE CASCADE,
  name text NOT NULL,
  kind text NOT NULL,
  -- Where it leads, without what is secret.
  target text NOT NULL,
  -- The target with its addresses and keys, sealed by the control plane.
  sealed text NOT NULL,
  is_enabled boolean NOT NULL DEFAULT true,
  least_severity text NOT NULL,
  digest_seconds integer NOT NULL DEFAULT 0,
  quiet_hours jsonb,
  remind_seconds integer NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  last_status text,
  last_at timestamptz,
  UNIQUE (workspace_id, name)
);

-- A problem that a channel was told of and that is not over: it is not told again.
CREATE TABLE notification_alert (
  channel_id uuid NOT NULL REFERENCES notification_channel ON DELETE CASCADE,
  fingerprint text NOT NULL,
  workspace_id uuid NOT NULL REFERENCES workspace ON DELETE CASCADE,
  occurrences integer NOT NULL DEFAULT 1,
  opened_at timestamptz NOT NULL DEFAULT now(),
  last_at timestamptz NOT NULL DEFAULT now(),
  told_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (channel_id, fingerprint)
);

-- What is to be told, and what became of it.
CREATE TABLE notification (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL REFERENCES workspace ON DELETE CASCADE,
  channel_id uuid NOT NULL REFERENCES notification_channel ON DELETE CASCADE,
  -- Of whoever asked: a repeat makes no second row.
  request_key text NOT NULL,
  status text NOT NULL,
  severity text NOT NULL,
  subject text NOT NULL,
  body text NOT NULL,
  link text,
  fingerprint text,
  is_recovery boolean NOT NULL DEFAULT false,
  occurrences integer NOT NULL DEFAULT 1,
  tries integer NOT NULL DEFAULT 0,
  attempts jsonb NOT NULL DEFAULT '[]',
  -- When it is looked at next; while it is being sent, when that is taken for lost.
  due_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  ended_at timestamptz,
  UNIQUE (channel_id, request_key)
);
CREATE INDEX notification_due ON notification (due_at) WHERE status IN ('queued', 'held');
CREATE INDEX notification_feed ON notification (workspace_id, id DESC);
CREATE INDEX notification_of_channel ON notification (channel_id, created_at DESC);
-- What the sweep asks for.
CREATE INDEX notification_ended ON notification (ended_at) WHERE ended_at IS NOT NULL;

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['notification_channel', 'notification_alert', 'notification'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY owner_all ON %I TO signalbox_owner USING (true) WITH CHECK (true)', t);
    EXECUTE format('CREATE POLICY system_all ON %I TO signalbox_system USING (true) WITH CHECK (true)', t);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO signalbox_system', t);
    EXECUTE format('CREATE POLICY app_workspace ON %I TO signalbox_app
      USING (workspace_id = (SELECT nullif(current_setting(''signalbox.workspace'', true), '''')::uuid))', t);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO signalbox_app', t);
  END LOOP;
END $$;
