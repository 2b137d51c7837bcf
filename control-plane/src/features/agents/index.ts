export { mintJoinCode } from './join-code.ts';
export { auditRefusedConnections } from './refused-connections.ts';
export { renewAgentToken } from './renew-token.ts';
export { agentsRouter } from './router.ts';
export { agentRoutes } from './routes.ts';
export { startStatusLoop } from './status-loop.ts';
