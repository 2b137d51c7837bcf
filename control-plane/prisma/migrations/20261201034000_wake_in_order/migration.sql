-- Who waits longest on a limit is read in the order of run_dispatch_parked, and no further than there is room. Planned while few waited, all of
-- them were fetched and sorted for each slot that became free: 1 ms for 500 that waited, 2.5 for 5,000, and so on.

SET lock_timeout = '5s';

ALTER FUNCTION wake_waiters(uuid, uuid) SET enable_bitmapscan = off;
ALTER FUNCTION wake_waiters(uuid, uuid) SET enable_sort = off;
