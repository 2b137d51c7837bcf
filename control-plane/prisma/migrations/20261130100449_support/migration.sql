-- Support: an operator of the installation acts as a member, for a time and with a reason, where the organization allows it.
SET lock_timeout = '5s';

ALTER TABLE organization ADD COLUMN support_allowed boolean NOT NULL DEFAULT false;
GRANT UPDATE (support_allowed) ON organization TO signalbox_app;

CREATE TABLE support_session (
  id uuid PRIMARY KEY,
  organization_id uuid NOT NULL REFERENCES organization ON DELETE CASCADE,
  user_id uuid NOT NULL REFERENCES identity_user ON DELETE CASCADE,
  -- Who of the operators, as they call themselves; and why.
  operator text NOT NULL CHECK (length(operator) BETWEEN 1 AND 200),
  reason text NOT NULL CHECK (length(reason) BETWEEN 1 AND 1000),
  -- Of the link until it is followed, then of the cookie.
  token_hash bytea NOT NULL UNIQUE,
  created_at timestamptz NOT NULL DEFAULT now(),
  entered_at timestamptz,
  expires_at timestamptz NOT NULL,
  ended_at timestamptz
);
CREATE INDEX support_session_organization ON support_session (organization_id, created_at);

ALTER TABLE support_session ENABLE ROW LEVEL SECURITY;
ALTER TABLE support_session FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_all ON support_session TO signalbox_owner USING (true) WITH CHECK (true);
CREATE POLICY system_all ON support_session TO signalbox_system USING (true) WITH CHECK (true);
CREATE POLICY app_organization ON support_session TO signalbox_app
  USING (organization_id = (SELECT nullif(current_setting('signalbox.organization', true), '')::uuid));
GRANT SELECT, INSERT, UPDATE, DELETE ON support_session TO signalbox_system;
-- An organization reads who came, and may end it; the rest is the operator's alone.
GRANT SELECT (id, organization_id, user_id, operator, reason, created_at, entered_at, expires_at, ended_at) ON support_session TO signalbox_app;
GRANT UPDATE (ended_at) ON support_session TO signalbox_app;
