-- Runs that runs start, slots that a waiting parent gave up, and how much of its history a retried run may use again.

SET lock_timeout = '5s';

-- Lineage. A child is found again by the step of the parent that asked for it, whatever the parent's attempt.
ALTER TABLE run
  ADD COLUMN parent_run_id uuid,
  -- The parent's claim, and its task run there, that made this run.
  ADD COLUMN parent_epoch bigint,
  ADD COLUMN parent_ordinal integer,
  -- Key of that task run: the same in every attempt of the parent.
  ADD COLUMN parent_step text,
  -- Ancestors it has; bounded, so that a flow that runs itself for ever is stopped.
  ADD COLUMN depth integer NOT NULL DEFAULT 0,
  -- What earlier epochs finished is not used again: a retry "from start" sets it to its own epoch.
  ADD COLUMN replay_floor bigint NOT NULL DEFAULT 0;
-- Children of a run in the order they were made: the run page. Children alone are in it.
CREATE INDEX run_parent ON run (workspace_id, parent_run_id, id) WHERE parent_run_id IS NOT NULL;
-- The child that a step made before.
CREATE INDEX run_parent_step ON run (parent_run_id, parent_step, id) WHERE parent_run_id IS NOT NULL;

ALTER TABLE run_dispatch
  -- The run that is told of this one's end, and whose end may end it. Null for what a person retried by hand.
  ADD COLUMN parent_run_id uuid,
  -- `cancel`: with a parent that ends without having completed.
  ADD COLUMN on_parent_end text NOT NULL DEFAULT 'leave' CHECK (on_parent_end IN ('cancel', 'leave')),
  ADD COLUMN has_children boolean NOT NULL DEFAULT false,
  -- Since when it has no slots because it waits for a child; kept while it is Lost or being cancelled so.
  ADD COLUMN awaiting_since timestamptz,
  -- Since when its child has ended and it waits for its slots: claims leave it room.
  ADD COLUMN resume_since timestamptz;
-- Live children of a run: explain, and the end of the parent.
CREATE INDEX run_dispatch_parent ON run_dispatch (parent_run_id) WHERE parent_run_id IS NOT NULL;
-- Parents that want their slots back, first come first served: claims, freed slots, the sweep.
CREATE INDEX run_dispatch_resume ON run_dispatch (pool_id, resume_since, run_id) WHERE resume_since IS NOT NULL;

-- Runs that ended, or are being cancelled, and whose children are still to be told. Written with that move, dealt with
-- after its commit; so no transaction that ends a run locks another one. No uniqueness: telling twice changes nothing,
-- and an insert must not wait for whoever deals with an earlier row.
CREATE TABLE parent_end (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  workspace_id uuid NOT NULL,
  run_id uuid NOT NULL,
  -- State that the parent entered, for the children's history.
  state_name text NOT NULL,
  at timestamptz NOT NULL DEFAULT now()
);

ALTER TABLE parent_end ENABLE ROW LEVEL SECURITY;
ALTER TABLE parent_end FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_all ON parent_end TO signalbox_owner USING (true) WITH CHECK (true);
CREATE POLICY system_all ON parent_end TO signalbox_system USING (true) WITH CHECK (true);
CREATE POLICY app_workspace ON parent_end TO signalbox_app
  USING (workspace_id = (SELECT nullif(current_setting('signalbox.workspace', true), '')::uuid));
CREATE POLICY report_workspaces ON parent_end TO signalbox_report
  USING (workspace_id = ANY ((SELECT string_to_array(nullif(current_setting('signalbox.workspaces', true), ''), ',')::uuid[])::uuid[]));
GRANT SELECT, INSERT, UPDATE, DELETE ON parent_end TO signalbox_system;
-- Whoever moves a run notes it; loops alone deal with it.
GRANT INSERT ON parent_end TO signalbox_app, signalbox_report;

-- A flow may give the runs that it starts an idempotency key, as any requester.
CREATE POLICY report_workspaces ON idempotency_key TO signalbox_report
  USING (workspace_id = ANY ((SELECT string_to_array(nullif(current_setting('signalbox.workspaces', true), ''), ',')::uuid[])::uuid[]));
GRANT SELECT, INSERT, UPDATE ON idempotency_key TO signalbox_report;

