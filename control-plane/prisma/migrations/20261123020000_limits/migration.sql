-- Limits that are decided at claim time, order between queues, and what explains a wait.

SET lock_timeout = '5s';

-- ---------------------------------------------------------------- queues

-- Priorities of a pool's queues are 1, 2, 3 ... without gaps, each once. The API moves them with the pool's row locked.
UPDATE work_queue q SET priority = ranked.n
FROM (SELECT id, row_number() OVER (PARTITION BY pool_id ORDER BY priority, name <> 'default', id) AS n FROM work_queue) ranked WHERE q.id = ranked.id;
CREATE UNIQUE INDEX work_queue_pool_id_priority_key ON work_queue (pool_id, priority);

-- ---------------------------------------------------------------- explain

-- Who paused it, and since when: the newest entry about one thing.
CREATE INDEX audit_entry_target ON audit_entry (target_id, id DESC) WHERE target_id IS NOT NULL;
