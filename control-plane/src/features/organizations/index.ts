export { exportOrganization } from './export.ts';
export { startOrganizationPurge } from './purge.ts';
export { organizationsRouter } from './router.ts';
