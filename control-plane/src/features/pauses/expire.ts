import { randomUUID } from 'node:crypto';
import type { Sql } from '../../platform/sql.ts';
import { appendEvents } from '../events/index.ts';
import { type ExpiredQuestion, expireOpen } from './store.ts';

/** Of runs whose wait is over: those that go on without an answer, since their flow asked with `onExpire: 'return'`. An event each. */
export async function expireQuestions(sql: Sql, runIds: readonly string[]): Promise<ExpiredQuestion[]> {
  const expired = await expireOpen(sql, runIds);
  await appendEvents(
    sql,
    expired.map(({ key, ...run }) => ({ ...run, id: randomUUID(), name: 'approval.expired', payload: { key } })),
  );
  return expired;
}
