-- Service levels that the code of a deployment declares.
SET lock_timeout = '5s';

ALTER TABLE sla
  -- The deployment whose deploys write it; null: people do.
  ADD COLUMN code_of uuid REFERENCES deployment ON DELETE CASCADE;
CREATE INDEX sla_code_of ON sla (code_of) WHERE code_of IS NOT NULL;
