-- From where a command line asks to be signed in: shown to whoever is to approve it.
SET lock_timeout = '5s';

ALTER TABLE identity_device_login
  ADD COLUMN host text,
  ADD COLUMN address text;
