export { type Bind, conditionsOf, durationOf, type Side, VALUE } from './conditions.ts';
export { type ResolvedFilter, resolveFilter } from './resolve-refs.ts';
export { floorOf, IN_ORDER, idBoundsOf, SCAN_BUDGET_MS, type Scanned, type Statement, scanBack, statement, withinMs } from './scan.ts';
export { type IdBounds, matching } from './statement.ts';
