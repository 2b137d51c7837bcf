/** Spans of the program's own OpenTelemetry, through the optional peer `@opentelemetry/api`. */
import { context, ROOT_CONTEXT, SpanStatusCode, TraceFlags, trace } from '@opentelemetry/api';
import { SDK_VERSION } from '../../version.ts';
import { describeError } from '../failure.ts';
import { knownSecrets } from '../redaction.ts';
import { FLUSH_MAX_MS, type Tracer } from './tracer.ts';

export function apiTracer(): Tracer {
  const tracer = trace.getTracer('@signalbox/sdk', SDK_VERSION);
  return {
    start: (name, parent, attributes) => {
      const outer = parent
        ? trace.setSpanContext(ROOT_CONTEXT, {
            traceId: parent.traceId,
            spanId: parent.spanId,
            traceFlags: parent.isSampled ? TraceFlags.SAMPLED : TraceFlags.NONE,
            isRemote: true,
          })
        : context.active();
      const span = tracer.startSpan(name, { attributes: { ...attributes } }, outer);
      const { traceId, spanId, traceFlags } = span.spanContext();
      return {
        context: { traceId, spanId, isSampled: (traceFlags & TraceFlags.SAMPLED) !== 0 },
        run: (body) => context.with(trace.setSpan(context.active(), span), body),
        end: (more, error) => {
          span.setAttributes({ ...more });
          if (error !== undefined) {
            const message = knownSecrets.mask(describeError(error));
            span.recordException({ name: error instanceof Error ? error.name : 'Error', message });
            span.setStatus({ code: SpanStatusCode.ERROR, message });
          }
          span.end();
        },
      };
    },
    flush: async () => {
      const provider = trace.getTracerProvider() as { getDelegate?: () => unknown };
      const { forceFlush } = (provider.getDelegate?.() ?? provider) as { forceFlush?: () => Promise<void> };
      if (!forceFlush) return;
      const { promise: waited, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, FLUSH_MAX_MS);
      await Promise.race([forceFlush.call(provider.getDelegate?.() ?? provider).catch(() => {}), waited]);
      clearTimeout(timer);
    },
  };
}
