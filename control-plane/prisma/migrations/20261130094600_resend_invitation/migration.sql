-- An invitation that is sent again has a new link and a new end.
GRANT UPDATE (token_hash, expires_at) ON invitation TO signalbox_app;
