export { startOverlayExpiry } from './expire-overlays.ts';
export { pauseDeployment, resumeDeployment } from './overlay.ts';
export { addDeployPart, type Deployed } from './parts.ts';
export { deploymentsRouter } from './router.ts';
export { findDeploymentRef } from './store.ts';
