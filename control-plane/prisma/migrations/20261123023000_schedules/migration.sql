-- Schedules, whole: policies, calendars, what became of each instant, fires that people skip, backfills, and what the
-- auditor found.
SET lock_timeout = '5s';

-- Named calendars: on which days schedules fire, and when nothing does.
CREATE TABLE calendar (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL REFERENCES workspace ON DELETE CASCADE,
  name text NOT NULL,
  description text NOT NULL DEFAULT '',
  timezone text NOT NULL DEFAULT 'UTC',
  -- { weekdays, exclude, include, freezes }: proto/src/api/schedules.ts.
  rules jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (workspace_id, name)
);

ALTER TABLE schedule
  -- 'operator': made by a person; no deploy touches it.
  ADD COLUMN origin text NOT NULL DEFAULT 'code' CHECK (origin IN ('code', 'operator')),
  ADD COLUMN starts_at timestamptz,
  ADD COLUMN ends_at timestamptz,
  ADD COLUMN jitter_ms integer NOT NULL DEFAULT 0 CHECK (jitter_ms BETWEEN 0 AND 86400000),
  ADD COLUMN catch_up text NOT NULL DEFAULT 'latest' CHECK (catch_up IN ('skip', 'latest', 'all')),
  ADD COLUMN catch_up_window_ms bigint NOT NULL DEFAULT 86400000 CHECK (catch_up_window_ms > 0),
  ADD COLUMN overlap text NOT NULL DEFAULT 'allow' CHECK (overlap IN ('allow', 'skip', 'queue', 'cancel-older')),
  ADD COLUMN dst_gap text NOT NULL DEFAULT 'auto' CHECK (dst_gap IN ('auto', 'skip', 'shift')),
  ADD COLUMN dst_overlap text NOT NULL DEFAULT 'auto' CHECK (dst_overlap IN ('auto', 'first', 'second', 'both')),
  ADD COLUMN calendar_id uuid REFERENCES calendar,
  ADD COLUMN instant_parameter text,
  -- Runs it made that may not have ended: looked at where overlap is not 'allow', pruned as they are.
  ADD COLUMN open_runs uuid[] NOT NULL DEFAULT '{}',
  -- Attempts in a row that failed for a reason that may pass, and when it is tried again.
  ADD COLUMN failures integer NOT NULL DEFAULT 0,
  ADD COLUMN retry_at timestamptz,
  -- Since when everything above says the same: the auditor expects nothing of before.
  ADD COLUMN holds_from timestamptz NOT NULL DEFAULT now();
-- Which schedules a changed calendar concerns.
CREATE INDEX schedule_calendar ON schedule (calendar_id) WHERE calendar_id IS NOT NULL;

-- What became of each instant, for a month. The primary key is what makes (schedule, instant) fire once, whatever the
-- low-water instant says.
CREATE TABLE schedule_fire (
  schedule_id uuid NOT NULL REFERENCES schedule ON DELETE CASCADE,
  fire_at timestamptz NOT NULL,
  -- One row for all instants up to this one: those that catching up left out.
  until_at timestamptz,
  workspace_id uuid NOT NULL REFERENCES workspace ON DELETE CASCADE,
  outcome text NOT NULL CHECK (outcome IN ('created', 'queued', 'skipped', 'missed')),
  reason text,
  run_id uuid,
  decided_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (schedule_id, fire_at)
);
-- What waits for its schedule's run to end.
CREATE INDEX schedule_fire_queued ON schedule_fire (schedule_id, fire_at) WHERE outcome = 'queued';
-- The auditor: whether one row stands for an instant among many.
CREATE INDEX schedule_fire_stretch ON schedule_fire (schedule_id, until_at) WHERE until_at IS NOT NULL;
-- The sweep.
CREATE INDEX schedule_fire_age ON schedule_fire (decided_at);

-- Fires that a person skips; until their instant they can be put back.
CREATE TABLE schedule_skip (
  schedule_id uuid NOT NULL REFERENCES schedule ON DELETE CASCADE,
  fire_at timestamptz NOT NULL,
  workspace_id uuid NOT NULL REFERENCES workspace ON DELETE CASCADE,
  skipped_by text NOT NULL,
  reason text NOT NULL DEFAULT '',
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (schedule_id, fire_at)
);

-- What the auditor found: expected and not made, or made and not expected.
CREATE TABLE schedule_audit_finding (
  schedule_id uuid NOT NULL REFERENCES schedule ON DELETE CASCADE,
  fire_at timestamptz NOT NULL,
  kind text NOT NULL CHECK (kind IN ('missing', 'unexpected')),
  workspace_id uuid NOT NULL REFERENCES workspace ON DELETE CASCADE,
  found_at timestamptz NOT NULL DEFAULT now(),
  resolved_at timestamptz,
  PRIMARY KEY (schedule_id, fire_at, kind)
);
-- The list, newest first; the sweep.
CREATE INDEX schedule_audit_finding_workspace ON schedule_audit_finding (workspace_id, found_at DESC);
CREATE INDEX schedule_audit_finding_age ON schedule_audit_finding (found_at);
-- What a late fire may mend.
CREATE INDEX schedule_audit_finding_open ON schedule_audit_finding (found_at) WHERE resolved_at IS NULL;

-- Runs for instants of the past, made as fast as they end.
CREATE TABLE backfill (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL REFERENCES workspace ON DELETE CASCADE,
  deployment_id uuid NOT NULL REFERENCES deployment ON DELETE CASCADE,
  -- Null: of a spec of its own, or its schedule is gone.
  schedule_id uuid REFERENCES schedule ON DELETE SET NULL,
  schedule_slug text,
  -- As it was when the backfill was made: { spec, dst, calendar }.
  plan jsonb NOT NULL,
  from_at timestamptz NOT NULL,
  to_at timestamptz NOT NULL CHECK (to_at > from_at),
  parameters jsonb NOT NULL DEFAULT '{}',
  instant_parameter text,
  newest_first boolean NOT NULL DEFAULT false,
  max_in_flight integer NOT NULL CHECK (max_in_flight BETWEEN 1 AND 100),
  rerun boolean NOT NULL DEFAULT false,
  state text NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'paused', 'cancelled', 'done')),
  total integer NOT NULL,
  made integer NOT NULL DEFAULT 0,
  existing integer NOT NULL DEFAULT 0,
  -- The last instant dealt with; null: none yet.
  cursor_at timestamptz,
  -- Runs it made that may not have ended; at most max_in_flight.
  open_runs uuid[] NOT NULL DEFAULT '{}',
  problem text,
  -- When the loop looks at it next; null: it is over or stands still.
  look_at timestamptz DEFAULT now(),
  created_by text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  ended_at timestamptz
);
-- The list, newest first.
CREATE INDEX backfill_workspace ON backfill (workspace_id, id DESC);
CREATE INDEX backfill_deployment ON backfill (deployment_id, id DESC);
-- The loop's only question.
CREATE INDEX backfill_look ON backfill (look_at) WHERE look_at IS NOT NULL;

-- What a backfill made: its primary key is what makes an instant once a backfill. One of a schedule notes it in
-- schedule_fire too, so that no other backfill, nor the schedule itself, makes it again.
CREATE TABLE backfill_fire (
  backfill_id uuid NOT NULL REFERENCES backfill ON DELETE CASCADE,
  fire_at timestamptz NOT NULL,
  workspace_id uuid NOT NULL REFERENCES workspace ON DELETE CASCADE,
  run_id uuid NOT NULL,
  PRIMARY KEY (backfill_id, fire_at)
);

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['calendar', 'schedule_fire', 'schedule_skip', 'schedule_audit_finding', 'backfill', 'backfill_fire'] LOOP
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
-- What loops alone say is read.
REVOKE INSERT, UPDATE, DELETE ON schedule_fire, schedule_audit_finding, backfill_fire FROM signalbox_app;
