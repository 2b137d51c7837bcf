/**
 * Spans sent to a collector as OTLP over HTTP, in its JSON form, for programs that have no OpenTelemetry of their own: no
 * library is needed for three kinds of message.
 * @see https://opentelemetry.io/docs/specs/otlp/#otlphttp
 */
import { randomBytes } from 'node:crypto';
import { SDK_VERSION } from '../../version.ts';
import { describeError } from '../failure.ts';
import { knownSecrets } from '../redaction.ts';
import type { TraceContext } from './trace-context.ts';
import { type Attributes, type Environment, FLUSH_MAX_MS, type Span, type Tracer } from './tracer.ts';

/** Spans of one message, and most that wait for one: what is beyond is dropped. */
const BATCH = 512;
const WAITING_MAX = 4_096;
const EVERY_MS = 1_000;

type Value = { stringValue: string } | { intValue: string } | { doubleValue: number } | { boolValue: boolean };

export function otlpTracer(env: Environment): Tracer {
  const base = env.OTEL_EXPORTER_OTLP_ENDPOINT?.replace(/\/+$/, '');
  const url = env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT || `${base}/v1/traces`;
  const given = env.OTEL_EXPORTER_OTLP_TRACES_HEADERS ?? env.OTEL_EXPORTER_OTLP_HEADERS ?? '';
  const headers = { ...pairs(given), 'content-type': 'application/json' };
  const resource = { 'service.name': env.OTEL_SERVICE_NAME || 'signalbox', ...pairs(env.OTEL_RESOURCE_ATTRIBUTES ?? '') };
  const waiting: object[] = [];
  let timer: NodeJS.Timeout | null = null;

  const send = async (): Promise<void> => {
    timer = null;
    while (waiting.length > 0) {
      const spans = waiting.splice(0, BATCH);
      const scopeSpans = [{ scope: { name: '@signalbox/sdk', version: SDK_VERSION }, spans }];
      const body = JSON.stringify({ resourceSpans: [{ resource: { attributes: listOf(resource) }, scopeSpans }] });
      const response = await fetch(url, { method: 'POST', headers, body, signal: AbortSignal.timeout(FLUSH_MAX_MS) }).catch(() => null);
      await response?.body?.cancel();
      // A collector that is away gets no second try: a trace is worth no memory of the flow.
      if (!response) return;
    }
  };

  return {
    start: (name, parent, attributes) => {
      const own: TraceContext = {
        traceId: parent?.traceId ?? randomBytes(16).toString('hex'),
        spanId: randomBytes(8).toString('hex'),
        isSampled: parent?.isSampled ?? true,
      };
      return spanOf(own, name, parent, attributes, (span) => {
        if (!own.isSampled || waiting.length >= WAITING_MAX) return;
        waiting.push(span);
        timer ??= setTimeout(() => void send(), EVERY_MS).unref();
      });
    },
    flush: () => {
      if (timer) clearTimeout(timer);
      return send();
    },
  };
}

function spanOf(own: TraceContext, name: string, parent: TraceContext | null, begin: Attributes, add: (span: object) => void): Span {
  const startTimeUnixNano = nanosNow();
  return {
    context: own,
    run: (body) => body(),
    end: (more, error) => {
      const endTimeUnixNano = nanosNow();
      const message = error === undefined ? '' : knownSecrets.mask(describeError(error));
      const exception = { 'exception.type': error instanceof Error ? error.name : 'Error', 'exception.message': message };
      add({
        traceId: own.traceId,
        spanId: own.spanId,
        ...(parent ? { parentSpanId: parent.spanId } : {}),
        name,
        kind: 1,
        startTimeUnixNano,
        endTimeUnixNano,
        attributes: listOf({ ...begin, ...more }),
        ...(error === undefined
          ? { status: { code: 1 } }
          : {
              status: { code: 2, message },
              events: [{ timeUnixNano: endTimeUnixNano, name: 'exception', attributes: listOf(exception) }],
            }),
      });
    },
  };
}

function listOf(attributes: Attributes): { key: string; value: Value }[] {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: otlpValueOf(value) }));
}

function otlpValueOf(value: string | number | boolean): Value {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
}

/** `a=b,c=d%20e` */
function pairs(text: string): Record<string, string> {
  const parts = text.split(',').filter((part) => part.includes('='));
  return Object.fromEntries(
    parts.map((part) => [part.slice(0, part.indexOf('=')).trim(), decode(part.slice(part.indexOf('=') + 1).trim())]),
  );
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function nanosNow(): string {
  return String(BigInt(Math.round((performance.timeOrigin + performance.now()) * 1_000)) * 1_000n);
}
