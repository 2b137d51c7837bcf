/** Whether a build may run on a database: pure, over names of migrations, which order as their instants do. */
export type SchemaFacts = {
  /** What this build carries, oldest first. */
  readonly known: readonly string[];
  /** What the database has, in any order. */
  readonly applied: readonly string[];
  /** The migration that a build must know to run on this database; null where it says none. */
  readonly floor: string | null;
};

/** `ahead`: migrations of newer builds, all of which this one can live with. */
export type SchemaFit = { readonly fits: true; readonly ahead: readonly string[] } | { readonly fits: false; readonly reason: string };

/** What is missing is told first: it can be mended from here. */
export function schemaFit({ known, applied, floor }: SchemaFacts): SchemaFit {
  const there = new Set(applied);
  const missing = known.filter((name) => !there.has(name));
  if (missing[0] !== undefined) {
    const which = missing.length === 1 ? missing[0] : `${missing[0]} and ${missing.length - 1} more`;
    return {
      fits: false,
      reason: `the database is at an older schema (without ${which}): run \`node control-plane/src/migrate.ts\` first`,
    };
  }
  const carried = new Set(known);
  if (floor !== null && !carried.has(floor)) {
    const newest = known.at(-1) ?? 'none';
    return {
      fits: false,
      reason: `this build is too old for the database: it has to know migration ${floor}, and its newest is ${newest}. Start a newer build`,
    };
  }
  return { fits: true, ahead: applied.filter((name) => !carried.has(name)).sort() };
}
