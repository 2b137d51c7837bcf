export { exportWorkspace } from './export.ts';
export { purgeWorkspaces, startWorkspacePurge } from './purge.ts';
export { workspacesRouter } from './router.ts';
