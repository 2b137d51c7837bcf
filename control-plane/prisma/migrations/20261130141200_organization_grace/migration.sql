-- An organization is deleted with a grace period, as its workspaces are.

SET lock_timeout = '5s';

ALTER TABLE organization
  ADD COLUMN deleted_at timestamptz,
  -- It is gone for good then, once its workspaces are.
  ADD COLUMN purge_at timestamptz,
  ADD CHECK ((deleted_at IS NULL) = (purge_at IS NULL));
CREATE INDEX organization_purge ON organization (purge_at) WHERE purge_at IS NOT NULL;
