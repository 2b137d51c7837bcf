-- What an hour of one run costs on a pool, in whatever currency its people count; null: nobody said.
SET lock_timeout = '5s';

ALTER TABLE work_pool ADD COLUMN cost_per_hour double precision CHECK (cost_per_hour >= 0);
