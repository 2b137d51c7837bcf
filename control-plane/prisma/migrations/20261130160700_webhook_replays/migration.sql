-- What a request proves itself by, as far as the sender signed it: taken once, whatever else in the request was changed. Null: nothing of it is its own.
SET lock_timeout = '5s';

ALTER TABLE webhook_request ADD COLUMN proof_key bytea;
CREATE UNIQUE INDEX webhook_request_proof ON webhook_request (webhook_id, proof_key) WHERE proof_key IS NOT NULL;
-- When an event last said that requests are refused: once an hour.
ALTER TABLE webhook ADD COLUMN refusal_told_at timestamptz;
