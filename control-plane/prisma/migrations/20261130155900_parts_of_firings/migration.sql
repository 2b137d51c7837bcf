-- What the parts of a compound or a sequence fired for: [{ part, at, event }], by time. Empty for every other trigger.
SET lock_timeout = '5s';

ALTER TABLE automation_firing ADD COLUMN parts jsonb NOT NULL DEFAULT '[]';
