/** Set by `proxy.ts`: path and query of the page asked for. */
export const PATH_HEADER = 'x-signalbox-path';
/** Tells the control plane which workspace a person works in. */
export const WORKSPACE_HEADER = 'x-signalbox-workspace';
