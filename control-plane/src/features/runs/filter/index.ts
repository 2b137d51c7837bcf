export { durationOf, type Side, VALUE } from './conditions.ts';
export { type ResolvedFilter, resolveFilter } from './resolve-refs.ts';
export { floorOf, IN_ORDER, idBoundsOf, SCAN_BUDGET_MS, scanBack, statement, withinMs } from './scan.ts';
export { matching } from './statement.ts';
