-- Automations: what an operator or code wrote down, buckets of their triggers, firings, and the actions of each: the outbox.
SET lock_timeout = '5s';

CREATE SEQUENCE automation_revision;
CREATE TABLE automation (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL REFERENCES workspace ON DELETE CASCADE,
  name text NOT NULL,
  description text NOT NULL DEFAULT '',
  enabled boolean NOT NULL,
  trigger jsonb NOT NULL,
  on_trigger jsonb NOT NULL,
  on_resolve jsonb NOT NULL,
  -- What its actions may, as who saved them last might.
  scopes text[] NOT NULL,
  -- Whose code declares it; null: an operator's.
  deployment_id uuid REFERENCES deployment ON DELETE CASCADE,
  -- Of one of code: what code says, and what an operator laid over it (fields, by, reason, at). The columns above are both merged.
  code jsonb,
  overlay jsonb,
  actor_kind text NOT NULL,
  actor_id uuid,
  actor_name text NOT NULL,
  problem text,
  -- Goes up with every change: evaluators keep what they compiled while it stands.
  revision bigint NOT NULL DEFAULT nextval('automation_revision'),
  -- From this position and instant on, events and time count for it.
  since_position bigint NOT NULL DEFAULT 0,
  since_at timestamptz NOT NULL DEFAULT now(),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (workspace_id, name)
);
CREATE INDEX automation_enabled ON automation (revision) WHERE enabled;
CREATE INDEX automation_of_deployment ON automation (deployment_id) WHERE deployment_id IS NOT NULL;

-- State of a trigger for one key. `id` is as long as its labels, so its hash is the key.
CREATE TABLE automation_bucket (
  automation_id uuid NOT NULL REFERENCES automation ON DELETE CASCADE,
  hash uuid NOT NULL,
  workspace_id uuid NOT NULL,
  id text NOT NULL,
  bucket jsonb NOT NULL,
  -- When it is looked at though no event came.
  deadline_at timestamptz,
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (automation_id, hash)
);
CREATE INDEX automation_bucket_due ON automation_bucket (deadline_at) WHERE deadline_at IS NOT NULL;

CREATE TABLE automation_firing (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL,
  automation_id uuid NOT NULL REFERENCES automation ON DELETE CASCADE,
  kind text NOT NULL,
  at timestamptz NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  key jsonb NOT NULL,
  event jsonb,
  why text NOT NULL
);
CREATE INDEX automation_firing_of ON automation_firing (automation_id, id DESC);
CREATE INDEX automation_firing_feed ON automation_firing (workspace_id, id DESC);
-- What the sweep asks for.
CREATE INDEX automation_firing_created ON automation_firing (created_at);

-- The outbox: written with the firing, worked off with retries. Its id is the delivery id.
CREATE TABLE automation_action (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL,
  automation_id uuid NOT NULL,
  firing_id uuid NOT NULL REFERENCES automation_firing ON DELETE CASCADE,
  index smallint NOT NULL,
  action jsonb NOT NULL,
  scopes text[] NOT NULL,
  status text NOT NULL DEFAULT 'waiting',
  attempts jsonb NOT NULL DEFAULT '[]',
  -- Of the next try; while one is under way outside of a transaction, when it is given up for lost.
  next_at timestamptz DEFAULT now(),
  target jsonb,
  UNIQUE (firing_id, index)
);
CREATE INDEX automation_action_waiting ON automation_action (next_at) WHERE status = 'waiting';
CREATE INDEX automation_action_failed ON automation_action (automation_id, firing_id) WHERE status = 'failed';

-- How far the events of a shard were evaluated.
CREATE TABLE automation_cursor (
  shard smallint PRIMARY KEY,
  position bigint NOT NULL,
  received_at timestamptz NOT NULL
);
INSERT INTO automation_cursor SELECT shard, position, now() FROM event_shard;

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['automation', 'automation_bucket', 'automation_firing', 'automation_action', 'automation_cursor'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY owner_all ON %I TO signalbox_owner USING (true) WITH CHECK (true)', t);
    EXECUTE format('CREATE POLICY system_all ON %I TO signalbox_system USING (true) WITH CHECK (true)', t);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO signalbox_system', t);
  END LOOP;
  FOREACH t IN ARRAY ARRAY['automation', 'automation_bucket', 'automation_firing', 'automation_action'] LOOP
    EXECUTE format('CREATE POLICY app_workspace ON %I TO signalbox_app
      USING (workspace_id = (SELECT nullif(current_setting(''signalbox.workspace'', true), '''')::uuid))', t);
  END LOOP;
END $$;
GRANT SELECT, INSERT, UPDATE, DELETE ON automation TO signalbox_app;
GRANT SELECT, INSERT, DELETE ON automation_bucket TO signalbox_app;
GRANT SELECT, DELETE ON automation_firing TO signalbox_app;
GRANT SELECT, UPDATE, DELETE ON automation_action TO signalbox_app;
GRANT USAGE ON SEQUENCE automation_revision TO signalbox_app, signalbox_system;
-- A new automation counts from here.
CREATE POLICY read_all ON event_shard FOR SELECT TO signalbox_app USING (true);
GRANT SELECT ON event_shard TO signalbox_app;
