export { flowsRouter } from './router.ts';
