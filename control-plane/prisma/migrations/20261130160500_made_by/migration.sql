-- By whose word something is there.
SET lock_timeout = '5s';

-- Who made an invitation: it lets nobody in whom they could not let in now. Null: of before, or made by a service account.
ALTER TABLE invitation ADD COLUMN created_by_user uuid;
-- Sent again, it is by the word of who sends it.
GRANT UPDATE (created_by_user) ON invitation TO signalbox_app;

-- The key with which a key was made: revoked with it. Null: made by somebody who was signed in, or of before.
ALTER TABLE api_key ADD COLUMN made_with uuid;
CREATE INDEX api_key_made_with ON api_key (made_with) WHERE made_with IS NOT NULL;
