-- What is done to things of ours when an alert begins and when it ends goes in the order of the firings: an end that overtakes its beginning,
-- whose first try failed, would leave an incident open, or a deployment paused, until the next.
SET lock_timeout = '5s';

-- Names automation and key of an alert whose end acts, too; null: the action waits for nothing.
ALTER TABLE automation_action ADD COLUMN edge uuid;
CREATE INDEX automation_action_edge ON automation_action (edge, firing_id) WHERE status = 'waiting' AND edge IS NOT NULL;
