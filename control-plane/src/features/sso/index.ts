export { ssoRouter } from './router.ts';
export { ssoRoutes } from './routes.ts';
