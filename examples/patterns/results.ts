/** Results are kept where the code runs; dates, maps and big numbers come back as what they were. */
import { flow, jsonSerializer, memoryStorage, task } from '@signalbox/sdk';

const storage = memoryStorage();
const load = task({ name: 'load', persistResult: true, resultStorage: storage }, async () => ({
  day: new Date('2026-01-31'),
  counts: new Map([['rows', 10n]]),
}));
const plain = task({ name: 'plain', resultStorage: storage, resultSerializer: jsonSerializer() }, async () => ({ rows: 10 }));

export const results = flow({ name: 'results', retries: 1 }, async (_parameters, { run }) => {
  const loaded = await load();
  const { rows } = await plain();
  if (run.attempt === 1) throw new Error('once more');
  // In memory: another attempt in this process finds them, one in another process makes them again.
  return [loaded.day.getUTCFullYear(), String(loaded.counts.get('rows')), rows];
});

export const deployments = [results.deployment({ name: 'pattern', pool: 'local', tags: ['pattern'] })];
await results.cli(import.meta);
