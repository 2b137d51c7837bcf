-- What an event fired, asked on its page; firings without one (of absence) are not in it.
SET lock_timeout = '5s';
CREATE INDEX automation_firing_event ON automation_firing (workspace_id, (event->>'id')) WHERE event IS NOT NULL;
