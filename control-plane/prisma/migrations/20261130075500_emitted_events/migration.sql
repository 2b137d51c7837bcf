-- An event that a flow emits goes to the feed like every other; custom_event is the receipt of its request, by its primary key.
-- What it held besides is written by the build before this one alone, and read by none.
SET lock_timeout = '5s';

ALTER TABLE custom_event
  ALTER COLUMN epoch DROP NOT NULL,
  ALTER COLUMN name DROP NOT NULL,
  ALTER COLUMN payload DROP NOT NULL,
  ALTER COLUMN occurred_at DROP NOT NULL;

CREATE POLICY report_workspaces ON event_inbox TO signalbox_report
  USING (workspace_id = ANY ((SELECT string_to_array(nullif(current_setting('signalbox.workspaces', true), ''), ',')::uuid[])::uuid[]));
GRANT INSERT ON event_inbox TO signalbox_report;
