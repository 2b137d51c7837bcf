-- The floor: the migration that a build must know to run on this database. An expand migration leaves it alone; one that takes away what
-- earlier builds use (contract) raises it, in its own transaction.
SET lock_timeout = '5s';

CREATE TABLE schema_floor (
  id smallint PRIMARY KEY DEFAULT 1 CHECK (id = 1),
  -- Name of a migration, this one or an earlier one than the last that raised it.
  migration text NOT NULL,
  -- Since when, for whoever reads why a build is refused.
  raised_at timestamptz NOT NULL DEFAULT now()
);
-- Builds from before this table run on no newer schema anyway.
INSERT INTO schema_floor (migration) VALUES ('20261130091500_schema_floor');

ALTER TABLE schema_floor ENABLE ROW LEVEL SECURITY;
ALTER TABLE schema_floor FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_all ON schema_floor TO signalbox_owner USING (true) WITH CHECK (true);
CREATE POLICY system_all ON schema_floor TO signalbox_system USING (true) WITH CHECK (true);
GRANT SELECT ON schema_floor TO signalbox_system;

-- Called by contract migrations. It never goes down: names order as their instants do.
CREATE FUNCTION raise_schema_floor(p_migration text) RETURNS void LANGUAGE sql AS $$
  UPDATE schema_floor SET migration = p_migration, raised_at = now() WHERE migration < p_migration
$$;
REVOKE ALL ON FUNCTION raise_schema_floor(text) FROM PUBLIC;
