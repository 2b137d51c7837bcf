-- What an attempt failed of, when its run was retried: the record's own is cleared then. Null: it has not failed, or is the run's last.
SET lock_timeout = '5s';

ALTER TABLE attempt ADD COLUMN failure jsonb;
