/** What an organization says about support. Who comes is found in features/identity/support.ts. */
export { supportRouter } from './router.ts';
