-- Filters over runs, and jobs that do one thing to every run a filter fits (features/runs/filter, features/bulk).

SET lock_timeout = '5s';

-- Live runs of one workspace by id, newest first: lists of live states, counts, and bulk jobs, which walk it with a
-- cursor. Without it a workspace with ten live runs reads those of every other tenant. Its columns never change, so
-- updates stay HOT. The predicate holds for every row and must be said to use the index: row-level security adds
-- `workspace_id =` to every statement, and the hot path, planned while the table was small, would read all live runs of
-- a workspace through it instead of probing the primary key.
CREATE INDEX run_dispatch_workspace ON run_dispatch (workspace_id, run_id DESC) WHERE retention_class <> '';

-- Deployments that were deleted and may still have runs. With it a flow's runs are found through run_deployment, one
-- probe a deployment, and `run` needs no index of flows that every run would pay for twice.
CREATE TABLE deleted_deployment (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL REFERENCES workspace ON DELETE CASCADE,
  flow_id uuid NOT NULL,
  name text NOT NULL,
  deleted_at timestamptz NOT NULL DEFAULT now()
);
-- Deployments that a flow once had.
CREATE INDEX deleted_deployment_flow ON deleted_deployment (flow_id);

-- By a trigger, so that a cascade is remembered as well as a command.
CREATE FUNCTION remember_deployment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO deleted_deployment (id, workspace_id, flow_id, name)
  SELECT OLD.id, OLD.workspace_id, OLD.flow_id, OLD.name FROM workspace w WHERE w.id = OLD.workspace_id
  ON CONFLICT (id) DO NOTHING;
  RETURN NULL;
END $$;
CREATE TRIGGER remember_deployment AFTER DELETE ON deployment FOR EACH ROW EXECUTE FUNCTION remember_deployment();

-- The key of a run that is deleted goes with it. Runs without a key pay nothing.
CREATE INDEX idempotency_key_run ON idempotency_key (run_id);

-- One thing done to every run that a filter fits, batch by batch. The row is the job's whole memory: a batch moves
-- `cursor_id` and counts in the transaction that changes its runs, so a restart goes on where it was and no run is
-- counted twice.
CREATE TABLE bulk_job (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL REFERENCES workspace ON DELETE CASCADE,
  action text NOT NULL CHECK (action IN ('cancel', 'retry', 'delete', 'set-state')),
  status text NOT NULL DEFAULT 'running' CHECK (status IN ('running', 'paused', 'done', 'cancelled', 'failed')),
  filter jsonb NOT NULL,
  reason text,
  -- What the action takes: { mode } of a retry, { type, name } of a state.
  options jsonb NOT NULL DEFAULT '{}',
  -- Who started it: named in the history of each run.
  actor_kind text NOT NULL,
  actor_id uuid NOT NULL,
  actor_name text NOT NULL,
  -- Runs from this id on were created after the job, and are not its business.
  before_id uuid NOT NULL,
  -- Runs are taken from the newest down; the next is below this.
  cursor_id uuid NOT NULL,
  -- Matching runs when it was started, counted up to a bound; `expected_more`: there were more.
  expected integer NOT NULL,
  expected_more boolean NOT NULL,
  done integer NOT NULL DEFAULT 0,
  failed integer NOT NULL DEFAULT 0,
  -- { "<why>": <runs> }
  skipped jsonb NOT NULL DEFAULT '{}',
  -- The first few runs that were skipped or failed: [{ run, outcome, reason }].
  samples jsonb NOT NULL DEFAULT '[]',
  -- Batches that failed in a row for no fault of their runs; a bound ends the job.
  failures_in_row integer NOT NULL DEFAULT 0,
  problem text,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  ended_at timestamptz
) WITH (fillfactor = 70); -- updated by every batch: room for HOT
-- Jobs of a workspace, newest first.
CREATE INDEX bulk_job_workspace ON bulk_job (workspace_id, id DESC);
-- The loop's question: what is there to do.
CREATE INDEX bulk_job_running ON bulk_job (id) WHERE status = 'running';

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['deleted_deployment', 'bulk_job'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY owner_all ON %I TO signalbox_owner USING (true) WITH CHECK (true)', t);
    EXECUTE format('CREATE POLICY system_all ON %I TO signalbox_system USING (true) WITH CHECK (true)', t);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO signalbox_system', t);
    EXECUTE format('CREATE POLICY app_workspace ON %I TO signalbox_app
      USING (workspace_id = (SELECT nullif(current_setting(''signalbox.workspace'', true), '''')::uuid))', t);
  END LOOP;
END $$;
GRANT SELECT, INSERT ON deleted_deployment TO signalbox_app;
GRANT SELECT, INSERT, UPDATE ON bulk_job TO signalbox_app;
