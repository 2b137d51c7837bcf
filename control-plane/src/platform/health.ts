/** Whether requests can be served now: Postgres answers, and NATS carries a message to us and back. */
import type { Services } from './services.ts';

const PROBE_MS = 3_000;

export type ReadyReport = { readonly ready: boolean; readonly database: 'ok' | 'away'; readonly nats: 'ok' | 'away' };

export async function checkReady(services: Pick<Services, 'db' | 'bus' | 'log'>): Promise<ReadyReport> {
  const [database, nats] = await Promise.all([
    probe(services, 'database', () => services.db.systemSql.query('SELECT 1')),
    probe(services, 'nats', () => services.bus.prove()),
  ]);
  return { ready: database === 'ok' && nats === 'ok', database, nats };
}

async function probe(services: Pick<Services, 'log'>, name: string, work: () => Promise<unknown>): Promise<'ok' | 'away'> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(new Error(`no answer within ${PROBE_MS} ms`)), PROBE_MS);
  try {
    const expired = new Promise<never>((_resolve, reject) =>
      late.signal.addEventListener('abort', () => reject(late.signal.reason as Error)),
    );
    await Promise.race([work(), expired]);
    return 'ok';
  } catch (error) {
    services.log.warn({ err: error, dependency: name }, 'not ready');
    return 'away';
  } finally {
    clearTimeout(timer);
  }
}
