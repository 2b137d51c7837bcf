-- By which service account's word an invitation is there: it lets nobody in whom that could not let in now, as one of a person does.
-- Null: made by a person, or of before.
SET lock_timeout = '5s';
ALTER TABLE invitation ADD COLUMN created_by_account uuid;
GRANT UPDATE (created_by_account) ON invitation TO signalbox_app;
