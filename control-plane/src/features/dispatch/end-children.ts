/**
 * Parents that ended, or are being cancelled: their children that shall go with them are cancelled, and through the same
 * rows the children of those. Noted by the move of the parent (`write_moves`), dealt with here after its commit, so that
 * no transaction that ends a run locks another one.
 */
import { toId } from '@signalbox/proto';
import type pg from 'pg';
import { retried } from '../../platform/db.ts';
import type { Sql } from '../../platform/sql.ts';
import { inTransaction } from '../../platform/transaction.ts';
import type { AfterCommit } from './after-commit.ts';
import { childrenToTell, deleteParentEnds, lockParentEnds } from './store/parent-ends.ts';
import { transitionRuns } from './transition.ts';

/** Most children of one transaction; the rest follow in the next. */
const MOST_AT_ONCE = 500;

/** Deals with all there is now. Hand the effects to `afterCommit`: what ends children of children is among them. */
export async function endChildren({ db }: { readonly db: { readonly systemSql: pg.Pool } }): Promise<AfterCommit[]> {
  const all: AfterCommit[] = [];
  for (;;) {
    const effects = await retried(() => inTransaction(db.systemSql, tellSome));
    if (effects === null) return all;
    all.push(...effects);
  }
}

/** Null: nobody is to be told. */
async function tellSome(sql: Sql): Promise<readonly AfterCommit[] | null> {
  const ends = await lockParentEnds(sql);
  if (ends.length === 0) return null;
  const children = await childrenToTell(sql, ends, MOST_AT_ONCE);
  const stateOf = new Map(ends.map((end) => [end.runId, end.stateName]));
  const { effects } = await transitionRuns(
    sql,
    children.map(({ runId, parentRunId }) => ({
      runId,
      intent: { kind: 'cancel', by: `the end of its parent ${toId('run', parentRunId)} (${stateOf.get(parentRunId)})` },
    })),
  );
  if (children.length < MOST_AT_ONCE) await deleteParentEnds(sql, ends);
  return effects;
}
