-- What becomes of a fire on a day that the schedule's calendar closes: left out, as until now, or moved to the next or the previous open day.
SET lock_timeout = '5s';
ALTER TABLE schedule ADD COLUMN on_closed_day text NOT NULL DEFAULT 'skip' CHECK (on_closed_day IN ('skip', 'next', 'previous'));
