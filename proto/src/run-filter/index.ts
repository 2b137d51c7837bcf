export * from './schema.ts';
export { FILTER_TERMS, FILTER_TEXT_MAX, type FilterProblem, type FilterReading, formatRunFilter, parseRunFilter } from './text.ts';
export { quote as quoteFilterValue } from './tokens.ts';
