export { serviceAccountsRouter } from './router.ts';
