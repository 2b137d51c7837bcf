/**
 * Runs `body`, whose parts go on side by side, and fails as one: the first failure aborts the signal that all of them watch, and
 * is thrown only when every part has come to rest, so that whoever cleans up misses nothing.
 */
export async function sideBySide<T>(
  outer: AbortSignal,
  body: (part: <P>(work: Promise<P>) => Promise<P>, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const failing = new AbortController();
  const parts: Promise<unknown>[] = [];
  const part = <P>(work: Promise<P>): Promise<P> => {
    parts.push(work.catch((error) => failing.abort(error)));
    return work;
  };
  try {
    return await part(body(part, AbortSignal.any([outer, failing.signal])));
  } catch (error) {
    failing.abort(error);
    await Promise.all(parts);
    throw failing.signal.reason;
  }
}
