-- Flows take and give back slots, which moves the bucket of a rate; limits themselves are made and deleted by people.
REVOKE INSERT, DELETE ON named_limit FROM signalbox_report;
