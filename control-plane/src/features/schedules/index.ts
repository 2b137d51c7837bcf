/** Schedules of deployments: checked at the door, fired once an instant, broken ones harming only themselves. */

export { type DeploymentForSchedule, lockDeploymentFor } from './deployment-of.ts';
export { startAudit, startFiring } from './loop.ts';
export { schedulesRouter } from './router.ts';
export { type CodeSchedules, scheduleRowsForDeploy } from './schedules-of-code.ts';
export { setScheduleActive } from './set-schedule-active.ts';
export { schedulesOf } from './show-schedule.ts';
