/**
 * A control plane in memory behind a real HTTP server: the real procedure names and input schemas, the error body on
 * the wire, and the live stream. What it answers is set by the test; it decides nothing.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ErrorBody, RunId } from '@signalbox/proto';
import type { Deployment, Event, LiveEvent, RunDetail, StoredLogLine, TaskRun } from '@signalbox/proto/api';
import { createHTTPHandler } from '@trpc/server/adapters/standalone';
import { createFakeRouter } from './fake-router.ts';
import * as made from './made.ts';

export interface FakeControlPlane extends AsyncDisposable {
  readonly url: string;
  readonly state: FakeState;
  /** Changes a run and tells the live streams. */
  change(
    run: RunId,
    change: Partial<Pick<RunDetail, 'state' | 'failure' | 'waitingFor' | 'pause' | 'durationMs' | 'startedAt' | 'endedAt' | 'result'>> & {
      tasks?: TaskRun[];
      logs?: StoredLogLine[];
    },
  ): void;
  /** Number of open live streams. */
  liveStreams(): number;
  /** Resolves when a live stream opens (at once when one stands). */
  liveOpened(): Promise<void>;
  stop(): Promise<void>;
}

export interface FakeState {
  apiKey: string;
  deployments: Deployment[];
  /** What runs were resumed with. */
  resumed: { run: RunId; input: Record<string, unknown> }[];
  runs: Map<RunId, { detail: RunDetail; tasks: TaskRun[]; logs: StoredLogLine[] }>;
  /** Thrown by the next calls, one each; `null` lets one through. */
  failures: (ErrorBody | null)[];
  /** Every call: path and input, in order. */
  calls: { path: string; input: unknown; headers: Record<string, string | string[] | undefined> }[];
  /** Answers of `login.poll`, in order; the last one repeats. */
  /** Where a login is confirmed, as the control plane says. */
  loginUrl: string;
  /** What verifying the audit finds; null: nothing. */
  auditProblem: string | null;
  loginReplies: { status: 'pending' | 'approved' | 'expired'; secret?: string; workspace?: string }[];
  liveStatus: number;
  /** The feed, ascending by position. */
  events: Event[];
}

export async function startFakeControlPlane(options: { port?: number } = {}): Promise<FakeControlPlane> {
  const state: FakeState = {
    apiKey: 'sbk_test',
    deployments: [made.deployment()],
    resumed: [],
    runs: new Map(),
    failures: [],
    calls: [],
    loginUrl: 'http://localhost:4200/login/cli?code=BCDF-GHJK',
    auditProblem: null,
    loginReplies: [{ status: 'approved', secret: 'sbk_test', workspace: 'default' }],
    liveStatus: 200,
    events: [],
  };
  const streams = new Set<(event: LiveEvent) => void>();
  const opened = new EventTarget();
  const trpc = createHTTPHandler({
    router: createFakeRouter(state),
    basePath: '/trpc/',
    createContext: ({ req }) => ({ headers: req.headers }),
  });
  const server = createServer((request, response) => {
    if (request.url?.startsWith('/trpc/')) return trpc(request, response);
    if (request.url?.startsWith('/api/live') && state.liveStatus === 200) {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': hello\n\n');
      const tell = (event: LiveEvent) => void response.write(`event: change\ndata: ${JSON.stringify(event)}\n\n`);
      streams.add(tell);
      response.on('close', () => streams.delete(tell));
      opened.dispatchEvent(new Event('open'));
      return;
    }
    response.writeHead(request.url?.startsWith('/api/live') ? state.liveStatus : 404).end('nothing here');
  });
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve));
  const stop = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    state,
    change: (run, { tasks, logs, ...detail }) => {
      const held = state.runs.get(run);
      if (!held) throw new Error(`no run ${run}`);
      held.detail = { ...held.detail, ...detail, ...(detail.state ? { states: [...held.detail.states, detail.state] } : {}) };
      if (tasks) held.tasks = tasks;
      if (logs) held.logs.push(...logs);
      for (const tell of streams) tell({ kind: 'run', id: run, what: ['state'] });
    },
    liveStreams: () => streams.size,
    liveOpened: () =>
      streams.size > 0 ? Promise.resolve() : new Promise((resolve) => opened.addEventListener('open', () => resolve(), { once: true })),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
