/**
 * The contract between control plane, agents, SDK and console. Depends on zod only; anyone may import it.
 */
export * from './cloud-event.ts';
export * from './envelope.ts';
export * from './errors.ts';
export * from './ids.ts';
export * from './limit.ts';
export * from './run-failure.ts';
export * from './run-state.ts';
export * from './time.ts';
