export { startOverlayExpiry } from './expire-overlays.ts';
export { deploymentsRouter } from './router.ts';
