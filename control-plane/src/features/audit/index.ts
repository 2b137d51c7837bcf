export { chainKey } from './chain.ts';
export { exportAudit } from './export.ts';
export { purgeAudit, sealAll, startAuditChain } from './loop.ts';
export { auditRouter } from './router.ts';
