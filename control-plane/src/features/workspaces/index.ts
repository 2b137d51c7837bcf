export { workspacesRouter } from './router.ts';
