-- Questions whose flow goes on when nobody answers in time: they are answered then, without an answer.
SET lock_timeout = '5s';

ALTER TABLE run_pause
  -- 'return'; null: the run fails.
  ADD COLUMN on_expire text;
