/**
 * The limits that code declares. They hang on `globalThis` under a registered symbol, so that two copies of this package in
 * one process see the same ones.
 */

/** A limit as code declares it. */
export interface DeclaredLimit {
  readonly name: string;
  readonly slots: number;
  readonly decayPerSecond: number | null;
  readonly description: string;
}

const STORE = Symbol.for('@signalbox/sdk.limits.1');
const globals = globalThis as { [STORE]?: Map<string, DeclaredLimit> };
globals[STORE] ??= new Map();

/** By name. */
export const declaredLimits: Map<string, DeclaredLimit> = globals[STORE];
