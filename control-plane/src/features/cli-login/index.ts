export { loginRouter } from './router.ts';
