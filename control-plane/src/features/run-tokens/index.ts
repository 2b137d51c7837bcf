/** The credential of a running flow: good while its epoch is at work, and no longer. */
export { identifyRunToken } from './identify-run-token.ts';
export { isRunToken, type RunTokens, runTokensOf } from './token.ts';
