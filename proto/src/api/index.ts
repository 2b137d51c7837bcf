export * from './agents.ts';
export * from './deployments.ts';
export * from './explain.ts';
export * from './identity.ts';
export * from './limits.ts';
export * from './page.ts';
export * from './runs.ts';
export * from './work-pools.ts';
