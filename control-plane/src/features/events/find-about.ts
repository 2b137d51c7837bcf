/** Where in the feed something is told of, as the indexes of events and blocks know. */
import type { Sql } from '../../platform/sql.ts';
import type { Found } from './feed-walk.ts';

type Asked = {
  readonly workspaceId: string;
  readonly ofBlocks: boolean;
  /** What the events are about, or had to do with; of blocks also a run, and names of which one has to be in it. */
  readonly thing: string | null;
  readonly run: string | null;
  readonly names: readonly string[] | null;
  readonly forward: boolean;
  /** Places behind it. */
  readonly beyond: number | null;
  /** In the order of the walk, as dates. */
  readonly days: { readonly begin: string; readonly end: string };
  /** It ends with the piece that has so many in all, or before one that has more than `most` alone. */
  readonly wanted: number;
  readonly most: number;
  readonly span: number | null;
};
type Placed = { readonly place: number; readonly day: string };

/** All in the pieces that were looked through. Places are positions of rows, last positions of blocks. */
export async function findAbout(sql: Sql, asked: Asked): Promise<{ placed: Placed[]; dense: Found['dense'] }> {
  const { workspaceId, ofBlocks, thing, run, names, forward, beyond, days, wanted, most, span } = asked;
  const rows = await sql.query<{ day: string; place: string | null; upto: string | null }>(
    `SELECT day, place::text AS place, upto::text AS upto FROM signalbox_find_about($1::uuid, $2::boolean, $3, $4::uuid, $5::text[], $6::boolean,
       $7::bigint, $8::date, $9::date, $10::int, $11::int, $12::bigint)`,
    [workspaceId, ofBlocks, thing, run, names, forward, beyond, days.begin, days.end, wanted, most, span],
  );
  const end = rows.find(({ place }) => place === null);
  return {
    placed: rows.flatMap(({ place, day }) => (place === null ? [] : [{ place: Number(place), day }])),
    dense: end ? { day: end.day, at: end.upto === null ? null : Number(end.upto) } : null,
  };
}
