export { deploymentsRouter } from './router.ts';
export { findDeploymentRef } from './store.ts';
