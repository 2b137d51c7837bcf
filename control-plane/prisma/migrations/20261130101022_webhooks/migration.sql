-- Webhooks in: addresses at which other systems tell of what happened there, and what came in by them.
SET lock_timeout = '5s';

CREATE TABLE webhook (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL REFERENCES workspace ON DELETE CASCADE,
  name text NOT NULL,
  preset text NOT NULL,
  is_enabled boolean NOT NULL DEFAULT true,
  -- SHA-256 of the token in its address, and of the one before it, which is taken for a while.
  token_hash bytea NOT NULL UNIQUE,
  prefix text NOT NULL,
  old_token_hash bytea UNIQUE,
  old_until timestamptz,
  -- How a request proves whom it comes from; its secret is sealed by the control plane.
  scheme text NOT NULL,
  sealed text,
  -- { name, resource, payload } as templates; null: as the preset says.
  template jsonb,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  last_at timestamptz,
  UNIQUE (workspace_id, name)
);

CREATE TABLE webhook_request (
  id uuid PRIMARY KEY,
  webhook_id uuid NOT NULL REFERENCES webhook ON DELETE CASCADE,
  workspace_id uuid NOT NULL REFERENCES workspace ON DELETE CASCADE,
  at timestamptz NOT NULL DEFAULT now(),
  method text NOT NULL,
  bytes integer NOT NULL,
  outcome text NOT NULL,
  reason text,
  events uuid[] NOT NULL DEFAULT '{}',
  -- What the sender calls it: a repeat makes no second event.
  sender_key text,
  UNIQUE (webhook_id, sender_key)
);
CREATE INDEX webhook_request_log ON webhook_request (webhook_id, id DESC);
-- What the sweep asks for.
CREATE INDEX webhook_request_at ON webhook_request (at);

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['webhook', 'webhook_request'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY owner_all ON %I TO signalbox_owner USING (true) WITH CHECK (true)', t);
    EXECUTE format('CREATE POLICY system_all ON %I TO signalbox_system USING (true) WITH CHECK (true)', t);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO signalbox_system', t);
    EXECUTE format('CREATE POLICY app_workspace ON %I TO signalbox_app
      USING (workspace_id = (SELECT nullif(current_setting(''signalbox.workspace'', true), '''')::uuid))', t);
  END LOOP;
END $$;
GRANT SELECT, INSERT, UPDATE, DELETE ON webhook TO signalbox_app;
GRANT SELECT, INSERT ON webhook_request TO signalbox_app;
