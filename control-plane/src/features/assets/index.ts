/** Assets: what reports tell of them, and reading it. */
export { recordAssets } from './record.ts';
export { assetsRouter } from './router.ts';
