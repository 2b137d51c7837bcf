-- A key acts in its workspace. Where it names scopes of the organization, it may these there too, if its owner may.
ALTER TABLE api_key ADD COLUMN organization_scopes text[] NOT NULL DEFAULT '{}';
-- Whether the person who approved a command line lets it look after the organization too.
ALTER TABLE identity_device_login ADD COLUMN with_organization boolean NOT NULL DEFAULT false;
