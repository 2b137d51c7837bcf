export { chainKey, purgeDue } from './chain.ts';
export { exportAudit } from './export.ts';
export { sealAll, startAuditChain } from './loop.ts';
export { auditRouter } from './router.ts';
