import { findEngineContext, withContext } from './engine/context.ts';
import { checkTags } from './names.ts';

/**
 * Gives the task runs that `body` starts these tags too, beside their own.
 * @example await tags(['backfill'], () => load.map(days))
 * @throws Error outside a run.
 */
export function tags<R>(names: readonly string[], body: () => R): R {
  const ctx = findEngineContext();
  if (!ctx) throw new Error('tags() was called outside of a run: call it in a flow or a task');
  return withContext({ ...ctx, tags: [...new Set([...(ctx.tags ?? []), ...checkTags(names, 'tags()')])] }, body);
}
