-- That a link lost its entries to retention, keyed as the chain: else whoever writes to the database could take entries away and say so.
SET lock_timeout = '5s';
ALTER TABLE audit_seal ADD COLUMN purge_hash bytea;
