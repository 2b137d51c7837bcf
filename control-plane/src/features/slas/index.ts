/** Service levels: what is promised of deployments and assets, and when it was not kept. */
export { startSlas } from './loop.ts';
export { slasRouter } from './router.ts';
