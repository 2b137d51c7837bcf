export { organizationsRouter } from './router.ts';
