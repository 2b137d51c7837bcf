import type { ErrorCode } from '@signalbox/proto';
import type { Deployment, Event, RunDetail, RunSummary } from '@signalbox/proto/api';
import { expectTypeOf, test } from 'vitest';
import type { Client } from './index.ts';
import { isSignalboxError } from './index.ts';

declare const client: Client;

test('procedures are typed by the contract', () => {
  expectTypeOf(client.runs.get.query).returns.resolves.toExtend<RunDetail>();
  expectTypeOf(client.runs.create.mutate).returns.resolves.toExtend<RunSummary>();
  expectTypeOf(client.deployments.list.query).returns.resolves.toExtend<{ items: Deployment[]; nextCursor: string | null }>();
  // @ts-expect-error a query is no mutation
  client.runs.get.mutate;
  // @ts-expect-error no such procedure
  client.runs.explode;
});

test('what has a default may be left out', () => {
  expectTypeOf(client.runs.create.mutate).toBeCallableWith({ deployment: 'weather/daily' });
});

test('helpers are beside the procedures', () => {
  expectTypeOf(client.waitForRun).returns.resolves.toEqualTypeOf<RunDetail>();
  expectTypeOf(client.watchEvents).returns.toEqualTypeOf<AsyncGenerator<Event, void>>();
});

test('the guard narrows, so that codes can be switched over', () => {
  const error: unknown = null;
  if (isSignalboxError(error)) expectTypeOf(error.code).toEqualTypeOf<ErrorCode>();
});
