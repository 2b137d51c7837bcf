export { rolesRouter } from './router.ts';
