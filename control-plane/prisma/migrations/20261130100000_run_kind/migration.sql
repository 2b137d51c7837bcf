-- What a run executes: a flow, or one task in the background (`task.delay()`), served by a deployment of that kind.
-- A constant default is kept in the catalog: no row of history is written.
ALTER TABLE deployment ADD COLUMN kind text NOT NULL DEFAULT 'flow' CONSTRAINT deployment_kind CHECK (kind IN ('flow', 'task'));
ALTER TABLE run ADD COLUMN kind text NOT NULL DEFAULT 'flow';
