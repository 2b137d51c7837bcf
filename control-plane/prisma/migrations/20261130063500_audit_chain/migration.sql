-- The chain is walked by organization: what is about none has the zero uuid, so that one index finds it too.
SET lock_timeout = '5s';
UPDATE audit_entry SET organization_id = '00000000-0000-0000-0000-000000000000' WHERE organization_id IS NULL;
ALTER TABLE audit_entry ALTER COLUMN organization_id SET DEFAULT '00000000-0000-0000-0000-000000000000', ALTER COLUMN organization_id SET NOT NULL;
