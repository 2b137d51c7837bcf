export { deploymentsRouter } from './router.ts';
export { type DeploymentRef, findDeploymentRef } from './store.ts';
