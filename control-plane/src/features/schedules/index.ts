/** Schedules of deployments: checked at the door, fired once an instant, broken ones harming only themselves. */

export { type FiringDeps, startFiring } from './loop.ts';
export { schedulesRouter } from './router.ts';
export { scheduleRowsForDeploy } from './schedules-of-code.ts';
export { schedulesOf } from './show-schedule.ts';
