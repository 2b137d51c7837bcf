-- Grants on single blocks: a block has an id that a grant names, and a transaction that is narrowed to some sees those alone.
SET lock_timeout = '5s';

-- A workspace has at most 10,000: the rewrite is short. The default is for binaries that do not name the column yet.
ALTER TABLE block ADD COLUMN id uuid NOT NULL DEFAULT gen_random_uuid();
CREATE UNIQUE INDEX block_id ON block (id);

ALTER TABLE role_grant DROP CONSTRAINT role_grant_object_kind_check;
ALTER TABLE role_grant ADD CONSTRAINT role_grant_object_kind_check CHECK (object_kind IN ('deployment', 'work-pool', 'block')) NOT VALID;
ALTER TABLE role_grant VALIDATE CONSTRAINT role_grant_object_kind_check;

CREATE TRIGGER forget_grants AFTER DELETE ON block FOR EACH ROW EXECUTE FUNCTION forget_grants('block');

CREATE POLICY app_narrowed ON block AS RESTRICTIVE TO signalbox_app USING (
  (SELECT nullif(current_setting('signalbox.blocks', true), '')) IS NULL
  OR id = ANY ((SELECT string_to_array(nullif(current_setting('signalbox.blocks', true), ''), ',')::uuid[])::uuid[]));
-- Types are seen by their blocks.
CREATE POLICY app_narrowed ON block_type AS RESTRICTIVE TO signalbox_app USING (
  (SELECT nullif(current_setting('signalbox.blocks', true), '')) IS NULL
  OR EXISTS (SELECT 1 FROM block b WHERE b.workspace_id = block_type.workspace_id AND b.type = block_type.name));
