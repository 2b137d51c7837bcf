/**
 * Whether a flow file is being loaded to find its flows, by an agent or a deploy. A file that ends in `await serve([...])`
 * or `await flow.deploy(...)` must not serve or deploy again because somebody reads it. The count hangs on `globalThis`
 * under a registered symbol, so that two copies of this package in one process agree.
 */
const COUNT = Symbol.for('@signalbox/sdk.loading');
const globals = globalThis as { [COUNT]?: number };

export function isLoading(): boolean {
  return (globals[COUNT] ?? 0) > 0;
}

/** Imports a module; while that lasts, `serve()` and `deploy()` do nothing. */
export async function loadModule(url: string): Promise<Record<string, unknown>> {
  globals[COUNT] = (globals[COUNT] ?? 0) + 1;
  try {
    const exports = (await import(url)) as Record<string, unknown>;
    // Of a CommonJS module Node sees only the exports that it can tell from the text; the rest hangs on the default.
    const whole = exports['module.exports'] ?? (isRecord(exports['default']) ? exports['default'] : null);
    return isRecord(whole) ? { ...whole, ...exports } : exports;
  } finally {
    globals[COUNT]--;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
