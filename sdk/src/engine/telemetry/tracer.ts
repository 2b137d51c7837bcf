/**
 * Port: spans of runs and task runs. Adapters: the program's own OpenTelemetry, where it has registered one; else OTLP over
 * HTTP, where `OTEL_EXPORTER_OTLP_ENDPOINT` names a collector. Nothing of it is loaded where neither is the case.
 */
import type { TraceContext } from './trace-context.ts';

export type Attributes = Readonly<Record<string, string | number | boolean>>;

export interface Span {
  readonly context: TraceContext;
  /** Calls code within it: spans that other libraries start there are its children. */
  run<R>(body: () => R): R;
  /** Once. With an error it has failed. */
  end(attributes: Attributes, error?: unknown): void;
}

export interface Tracer {
  start(name: string, parent: TraceContext | null, attributes: Attributes): Span;
  /** Sends what has ended, for a second at most: a collector that is away costs no run more. Never throws. */
  flush(): Promise<void>;
}

/** As `process.env`; not by Node's own type, which a user's project need not have. */
export type Environment = Readonly<Record<string, string | undefined>>;

export const FLUSH_MAX_MS = 1_000;

/** What `@opentelemetry/api` of any copy keeps once a program has registered a tracer provider. */
const API = Symbol.for('opentelemetry.js.api.1');

/** Null: nobody wants traces. */
export function openTracer(env: Environment = process.env): Promise<Tracer | null> | null {
  if (env.OTEL_SDK_DISABLED === 'true') return null;
  const isRegistered = (globalThis as { [API]?: { trace?: unknown } })[API]?.trace !== undefined;
  const endpoint = env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT || env.OTEL_EXPORTER_OTLP_ENDPOINT;
  if (!isRegistered && !(endpoint && env.OTEL_TRACES_EXPORTER !== 'none')) return null;
  return load(isRegistered, env);
}

async function load(isRegistered: boolean, env: Environment): Promise<Tracer | null> {
  if (isRegistered) {
    const { apiTracer } = await import('./api-tracer.ts');
    return apiTracer();
  }
  const { otlpTracer } = await import('./otlp-tracer.ts');
  return otlpTracer(env);
}
