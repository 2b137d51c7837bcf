-- The status of each agent and pool as events told it last: what differs from it now is an edge that is to be told, once.
SET lock_timeout = '5s';

ALTER TABLE agent ADD COLUMN told_status text NOT NULL DEFAULT 'offline';
ALTER TABLE work_pool ADD COLUMN told_status text NOT NULL DEFAULT 'not-ready';

-- What is so already is no news.
UPDATE agent SET told_status = CASE
    WHEN revoked_at IS NOT NULL THEN 'revoked'
    WHEN quarantined_at IS NOT NULL THEN 'quarantined'
    WHEN drain OR draining THEN 'draining'
    ELSE 'online' END
 WHERE revoked_at IS NOT NULL OR quarantined_at IS NOT NULL OR lease_until > served_now();
UPDATE work_pool p SET told_status = CASE WHEN paused THEN 'paused' ELSE 'ready' END
 WHERE paused OR EXISTS (SELECT FROM agent a WHERE a.pool_id = p.id AND a.told_status = 'online');
