-- Agents: who enrolled each and from where, quarantine. Signing keys of workspaces' NATS accounts: rotation.
SET lock_timeout = '5s';

ALTER TABLE agent
  -- It stays connected and is given nothing new, however often it starts.
  ADD COLUMN quarantined_at timestamptz,
  -- join-code or api-key, and the person or program behind it.
  ADD COLUMN enrolled_via text,
  ADD COLUMN enrolled_by text,
  ADD COLUMN enrolled_from text;
GRANT UPDATE (quarantined_at) ON agent TO signalbox_app;

ALTER TABLE nats_account
  -- Public key that signed agents' credentials until the last rotation, and until when those are good.
  ADD COLUMN retired_signing_key text,
  ADD COLUMN retired_until timestamptz;

-- Sessions that their person ended: a cookie that comes again was kept by somebody. Gone with the cookie's own life.
CREATE TABLE identity_ended_session (
  token_hash text PRIMARY KEY,
  user_id uuid NOT NULL REFERENCES identity_user ON DELETE CASCADE,
  ended_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX identity_ended_session_age ON identity_ended_session (ended_at);
ALTER TABLE identity_ended_session ENABLE ROW LEVEL SECURITY;
ALTER TABLE identity_ended_session FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_all ON identity_ended_session TO signalbox_owner USING (true) WITH CHECK (true);
CREATE POLICY system_all ON identity_ended_session TO signalbox_system USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON identity_ended_session TO signalbox_system;
