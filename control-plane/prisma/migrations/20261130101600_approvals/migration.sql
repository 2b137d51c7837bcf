-- Questions that certain people may answer, with reminders.
SET lock_timeout = '5s';

ALTER TABLE run_pause
  -- { people: emails, teams: slugs }; null: whoever may operate runs.
  ADD COLUMN approvers jsonb,
  ADD COLUMN remind_every_ms bigint,
  ADD COLUMN reminded_at timestamptz;
-- What the loop of reminders asks for: the few that are open and want any.
CREATE INDEX run_pause_remind ON run_pause (asked_at) WHERE remind_every_ms IS NOT NULL AND answered_at IS NULL AND void_at IS NULL;

-- Who somebody is for questions of the workspace whose transaction this is: their address, and their teams in its organization.
CREATE FUNCTION signalbox_approver(p_kind text, p_id uuid) RETURNS TABLE (email text, teams text[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  SELECT (SELECT u.email FROM identity_user u WHERE p_kind = 'person' AND u.id = p_id),
    coalesce((SELECT array_agg(t.slug) FROM team_member m JOIN team t ON t.id = m.team_id
      JOIN workspace w ON w.organization_id = t.organization_id
      WHERE w.id = nullif(current_setting('signalbox.workspace', true), '')::uuid AND m.member_kind = p_kind AND m.member_id = p_id), '{}')
$$;
REVOKE ALL ON FUNCTION signalbox_approver(text, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION signalbox_approver(text, uuid) TO signalbox_app;
