export { scimRouter } from './router.ts';
export { scimRoutes } from './routes.ts';
