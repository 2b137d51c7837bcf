/** What workspaces use: counted in memory, told to Postgres each second, bounded where the operator says so. */
export { requireRoomForAgent } from './agents.ts';
export { type Meter, openMeter } from './meter.ts';
export { usageRouter } from './router.ts';
