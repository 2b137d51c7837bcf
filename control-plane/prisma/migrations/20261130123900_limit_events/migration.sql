-- Whether runs wait for a limit, as events told it last; `differs_since`: from when on it is otherwise, which is told when it has lasted.
SET lock_timeout = '5s';

ALTER TABLE named_limit
  ADD COLUMN told_saturated boolean NOT NULL DEFAULT false,
  ADD COLUMN differs_since timestamptz;
-- Those that are looked at though nobody waits for them.
CREATE INDEX named_limit_told ON named_limit (id) WHERE told_saturated OR differs_since IS NOT NULL;
