/** Whether this is a thread or process of isolated tasks. */
export const ISOLATED = Symbol.for('@signalbox/sdk.isolated');

export function isIsolatedPlace(): boolean {
  return (globalThis as { [ISOLATED]?: true })[ISOLATED] === true;
}
