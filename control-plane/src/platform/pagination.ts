/** Keyset pages: rows are asked for one past the limit, and the cursor is the last id shown. */
import { type IdKind, isId, toId, toUuid } from '@signalbox/proto';
import { type AppError, invalidInput, shorten } from './errors.ts';

export type Page<T> = { items: T[]; nextCursor: string | null };

/** The UUID after which a page goes on, or null at the start. @throws INVALID_INPUT for a cursor that is not ours. */
export function cursorUuid(kind: IdKind, cursor: string | undefined): string | null {
  if (cursor === undefined) return null;
  if (!isId(kind, cursor)) throw badCursor(cursor);
  return toUuid(kind, cursor);
}

/** The same where rows have no id that is shown. */
export function cursorPlainUuid(cursor: string | undefined): string | null {
  if (cursor !== undefined && !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(cursor)) throw badCursor(cursor);
  return cursor ?? null;
}

export function badCursor(cursor: string): AppError {
  return invalidInput([{ field: 'cursor', expected: 'the nextCursor of the page before', received: shorten(JSON.stringify(cursor)) }]);
}

/** Cuts `rows` (up to limit + 1 of them) to a page. */
export function pageOf<Row, T>(
  kind: IdKind,
  rows: readonly Row[],
  limit: number,
  idOf: (row: Row) => string,
  show: (row: Row) => T,
): Page<T> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return { items: shown.map(show), nextCursor: rows.length > limit && last ? toId(kind, idOf(last)) : null };
}
