/** How long claims take against a database in some condition: SQL alone, on real connections of the roles that claim. */

import { type Db, openDb } from '../../control-plane/src/platform/db.ts';
import { createYard, type Yard } from '../../control-plane/test/dispatch.ts';
import type { System } from '../test-support/system.ts';

/** A workspace of its own beside what the system has; nobody but the bench claims in it. */
export async function openYard(system: System): Promise<AsyncDisposable & { readonly yard: Yard; readonly db: Db }> {
  const db = openDb({ url: system.databaseUrl, maxConnections: 4 });
  return { db, yard: await createYard(db), [Symbol.asyncDispose]: () => db.close() };
}

/** Runs that a claim takes at once. */
const FREE = 8;

/**
 * Milliseconds of `samples` claims of eight runs each, one at a time; what they take is made just before, and taken
 * away after. @throws when a claim brought less than it should.
 */
export async function claimLatencies(yard: Yard, agentId: string, deploymentId: string, samples: number): Promise<number[]> {
  const latencies: number[] = [];
  for (let i = 0; i < samples; i++) {
    const due = await yard.addRuns(deploymentId, FREE);
    const from = performance.now();
    const { runs } = await yard.claim(agentId, FREE);
    latencies.push(performance.now() - from);
    const claimed = new Set(runs.map((run) => run.runId));
    if (!due.every((id) => claimed.has(id))) throw new Error(`a claim for ${FREE} runs brought ${runs.length}, not those that are due`);
    await yard.q('DELETE FROM holder WHERE run_id = ANY ($1)', [due]);
    await yard.q('DELETE FROM run_dispatch WHERE run_id = ANY ($1)', [due]);
  }
  return latencies;
}
