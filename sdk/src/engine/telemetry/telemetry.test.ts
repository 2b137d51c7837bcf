import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { context, propagation, SpanStatusCode, trace } from '@opentelemetry/api';
import { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { runBody } from '../../../test/run-in-memory.ts';
import { flow } from '../../flow.ts';
import { FLOW } from '../../flow-definition.ts';
import { logger } from '../../logger.ts';
import { memoryStorage } from '../../results/memory-storage.ts';
import { runContext } from '../../run-context.ts';
import { task } from '../../task.ts';
import { executeRun } from '../execute-flow.ts';
import { localCalls } from '../local-calls.ts';
import { MemoryReporter } from '../memory-reporter.ts';
import { knownSecrets } from '../redaction.ts';
import { parseTraceparent, toTraceparent } from './trace-context.ts';

const CALLER = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const TRACE = '0af7651916cd43dd8448eb211c80319c';

const inner = task('inner', () => 1);
const load = task({ name: 'load', retries: 1 }, async () => {
  logger.info('loading');
  if (runContext().task?.attempt === 1) throw new Error('once');
  return { n: await inner(), traceparent: runContext().traceparent };
});
const fails = task('fails', () => {
  throw new TypeError('no luck with hunter33');
});
const part = flow('part', () => load());
const parent = flow('parent', async () => {
  await fails().catch(() => {});
  return part();
});

/** As under an agent, with what made the run. */
async function run(traceparent?: string) {
  const told = new MemoryReporter();
  const info = {
    id: 'run_1',
    name: 'a-run',
    epoch: 1,
    fencingToken: '1',
    attempt: 1,
    flow: 'parent',
    deployment: 'daily',
    parameters: {},
    tags: [],
  };
  const signal = new AbortController().signal;
  const root = {
    definition: parent[FLOW],
    run: info,
    reporter: told,
    calls: localCalls(),
    signal,
    timeoutMs: null,
    giveUpMs: null,
    traceparent,
  };
  const outcome = await executeRun({ ...root, results: { persist: false, scratch: null, replayFloor: 0 } });
  return { told, result: outcome.result as { n: number; traceparent: string } };
}

afterEach(() => {
  trace.disable();
  context.disable();
  propagation.disable();
  vi.unstubAllEnvs();
});

describe("with the program's own OpenTelemetry", () => {
  function traced() {
    const exporter = new InMemorySpanExporter();
    new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }).register();
    return exporter;
  }

  test('each run and task run is a span under the one that called it, and the run under what made it', async () => {
    knownSecrets.add('hunter33');
    const exporter = traced();
    const { result, told } = await run(CALLER);
    const spans = new Map(exporter.getFinishedSpans().map((span) => [span.name, span]));
    const idOf = (name: string) => spans.get(name)?.spanContext().spanId;
    const parents = Object.fromEntries([...spans].map(([name, span]) => [name, span.parentSpanContext?.spanId]));
    expect(parents).toEqual({
      'run parent': 'b7ad6b7169203331',
      'task fails': idOf('run parent'),
      'flow part': idOf('run parent'),
      'task load': idOf('flow part'),
      'task inner': idOf('task load'),
    });
    expect(new Set([...spans.values()].map((span) => span.spanContext().traceId))).toEqual(new Set([TRACE]));
    expect(spans.get('run parent')?.attributes).toMatchObject({ 'signalbox.run.id': 'run_1', 'signalbox.deployment': 'daily' });
    expect(spans.get('task load')?.attributes).toMatchObject({ 'signalbox.task.key': 'part#1/load#1', 'signalbox.attempts': 2 });
    expect(spans.get('task fails')?.status).toEqual({
      code: SpanStatusCode.ERROR,
      message: expect.stringContaining('no luck with ******'),
    });
    expect(result.traceparent).toBe(`00-${TRACE}-${idOf('task load')}-01`);
    const line = told.lines.find(({ message }) => message === 'loading');
    expect(line?.attributes).toEqual({ trace_id: TRACE, span_id: idOf('task load') });
  });

  test('a task whose result is given again is a span too, and says so', async () => {
    const exporter = traced();
    const cached = task({ name: 'cached', cache: {}, resultStorage: memoryStorage() }, (n: number) => n + 1);
    const { outcome } = await runBody(async () => [await cached(1), await cached(1)]);
    expect(outcome.result).toEqual([2, 2]);
    const spans = exporter.getFinishedSpans().filter(({ name }) => name.startsWith('task cached'));
    expect(spans.map(({ attributes }) => [attributes['signalbox.state'], attributes['signalbox.cached']])).toEqual([
      ['Completed', undefined],
      ['Cached', true],
    ]);
    const [run] = exporter.getFinishedSpans().filter(({ name }) => name.startsWith('run '));
    expect(spans.map((span) => span.parentSpanContext?.spanId)).toEqual(Array(2).fill(run?.spanContext().spanId));
  });

  test('what other libraries start in a task is under its span', async () => {
    const exporter = traced();
    await runBody(() => task('queries', () => trace.getTracer('db').startSpan('SELECT').end())());
    const spans = new Map(exporter.getFinishedSpans().map((span) => [span.name, span]));
    expect(spans.get('SELECT')?.parentSpanContext?.spanId).toBe(spans.get('task queries')?.spanContext().spanId);
  });
});

describe('with a collector alone', () => {
  async function collector(status = 200) {
    const bodies: Record<string, unknown>[] = [];
    const asked: { path: string | undefined; key: string | string[] | undefined }[] = [];
    const server = createServer((request, response) => {
      asked.push({ path: request.url, key: request.headers['x-key'] });
      void json(request).then((body) => {
        bodies.push(body as Record<string, unknown>);
        response.writeHead(status, { 'content-type': 'application/json' }).end('{}');
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', `http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    vi.stubEnv('OTEL_EXPORTER_OTLP_HEADERS', 'x-key=a%20b');
    vi.stubEnv('OTEL_RESOURCE_ATTRIBUTES', 'deployment.environment=test');
    return { bodies, asked };
  }

  test('spans are sent to it as OTLP, before the run is told as ended', async () => {
    const { bodies, asked } = await collector();
    await run(CALLER);
    expect(asked).toEqual([{ path: '/v1/traces', key: 'a b' }]);
    const [body = {}] = bodies;
    const [resourceSpans] = body.resourceSpans as { resource: object; scopeSpans: { spans: Record<string, unknown>[] }[] }[];
    expect(resourceSpans?.resource).toEqual({
      attributes: [
        { key: 'service.name', value: { stringValue: 'signalbox' } },
        { key: 'deployment.environment', value: { stringValue: 'test' } },
      ],
    });
    const spans = resourceSpans?.scopeSpans[0]?.spans ?? [];
    const byName = new Map(spans.map((span) => [span.name, span]));
    expect([...byName.keys()]).toEqual(['task fails', 'task inner', 'task load', 'flow part', 'run parent']);
    expect(byName.get('run parent')).toMatchObject({ traceId: TRACE, parentSpanId: 'b7ad6b7169203331', status: { code: 1 }, kind: 1 });
    expect(byName.get('task load')?.parentSpanId).toBe(byName.get('flow part')?.spanId);
    expect(byName.get('task fails')).toMatchObject({ status: { code: 2 }, events: [{ name: 'exception' }] });
    const { startTimeUnixNano, endTimeUnixNano } = byName.get('run parent') as { startTimeUnixNano: string; endTimeUnixNano: string };
    expect(BigInt(endTimeUnixNano) >= BigInt(startTimeUnixNano)).toBe(true);
  });

  test('a collector that is away or refuses costs the run nothing; one that is not wanted is not asked', async () => {
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', 'http://127.0.0.1:9');
    expect((await run()).result.n).toBe(1);
    const { asked } = await collector(500);
    expect((await run()).result.n).toBe(1);
    vi.stubEnv('OTEL_TRACES_EXPORTER', 'none');
    expect((await run()).result.n).toBe(1);
    expect(asked).toHaveLength(1);
  });
});

test('without traces the context of what made the run is passed on as it came', async () => {
  const { result, told } = await run(CALLER);
  expect(result.traceparent).toBe(CALLER);
  expect(told.lines.find(({ message }) => message === 'loading')?.attributes).toBeUndefined();
  expect((await run()).result.traceparent).toBeNull();
});

test.each(['', 'x', `ff-${TRACE}-b7ad6b7169203331-01`, `00-${'0'.repeat(32)}-b7ad6b7169203331-01`, `00-${TRACE}-${'0'.repeat(16)}-01`])(
  '%j is no trace context',
  (text) => expect(parseTraceparent(text)).toBeNull(),
);

test('a trace context is written as it was read', () => {
  for (const text of [CALLER, CALLER.replace(/01$/, '00')]) expect(toTraceparent(parseTraceparent(text) as never)).toBe(text);
});
