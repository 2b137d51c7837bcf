export { networksRouter } from './router.ts';
