-- Whether runs wait for the limit of a pool, a queue or a deployment, as events told it last; `limit_differs_since`: from when on it is
-- otherwise, which is told when it has lasted.
SET lock_timeout = '5s';

ALTER TABLE work_pool ADD COLUMN told_saturated boolean NOT NULL DEFAULT false, ADD COLUMN limit_differs_since timestamptz;
ALTER TABLE work_queue ADD COLUMN told_saturated boolean NOT NULL DEFAULT false, ADD COLUMN limit_differs_since timestamptz;
ALTER TABLE deployment ADD COLUMN told_saturated boolean NOT NULL DEFAULT false, ADD COLUMN limit_differs_since timestamptz;
-- Those that are looked at though nobody waits for them.
CREATE INDEX work_pool_told ON work_pool (id) WHERE told_saturated OR limit_differs_since IS NOT NULL;
CREATE INDEX work_queue_told ON work_queue (id) WHERE told_saturated OR limit_differs_since IS NOT NULL;
CREATE INDEX deployment_told ON deployment (id) WHERE told_saturated OR limit_differs_since IS NOT NULL;
