/** Artifacts of runs: what agents report, and reading it. */
export { listArtifacts } from './list-artifacts.ts';
export { type ArtifactRow, upsertArtifacts } from './store.ts';
