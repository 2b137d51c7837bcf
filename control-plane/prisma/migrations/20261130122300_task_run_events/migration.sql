-- States of task runs are events too, of the same blocks. A report appends them, a row for up to 200: who they are and what they did is in
-- `task_runs` (control-plane/src/features/events/task-run-changes.ts); `run_ids` of such a row is empty, so that the build before this one makes nothing of it.
SET lock_timeout = '5s';

ALTER TABLE event_change ADD COLUMN task_runs json;

CREATE POLICY report_workspaces ON event_change TO signalbox_report
  USING (workspace_id = ANY ((SELECT string_to_array(nullif(current_setting('signalbox.workspaces', true), ''), ',')::uuid[])::uuid[]));
GRANT INSERT ON event_change TO signalbox_report;
GRANT USAGE ON SEQUENCE event_inbox_n_seq TO signalbox_report;
