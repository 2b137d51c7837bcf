/** Webhooks in: addresses at which other systems tell of what happened there. */
export { webhooksRouter } from './router.ts';
export { hookRoutes } from './routes.ts';
