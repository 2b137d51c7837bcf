import type { RunId } from '@signalbox/proto';
import type { Event, RunDetail } from '@signalbox/proto/api';
import type { TRPCProcedureOptions, TRPCUntypedClient } from '@trpc/client';
import { createTRPCClientProxy, createTRPCUntypedClient } from '@trpc/client';
import type { HttpOptions } from './links/http.ts';
import { http } from './links/http.ts';
import type { RetryOptions } from './links/retry.ts';
import { retry } from './links/retry.ts';
import { timeLimit } from './links/time-limit.ts';
import type { Api, AppRouter } from './router.ts';
import type { RunUpdate, WatchRunOptions } from './run-update.ts';
import { SignalboxError } from './signalbox-error.ts';
import { toSignalboxError } from './to-signalbox-error.ts';
import type { WaitForRunOptions } from './wait-for-run.ts';
import { waitForRun } from './wait-for-run.ts';
import type { WatchEventsOptions } from './watch-events.ts';

export interface ClientOptions {
  /** The control plane. Default: `SIGNALBOX_URL`, which an agent sets for its runs, else `http://localhost:4200`. */
  url?: string;
  /**
   * `sbk_...`; an empty one: nobody. Default, where `url` is left out or is that of `SIGNALBOX_URL`: `SIGNALBOX_API_KEY`, else in a
   * run its own token (`SIGNALBOX_RUN_TOKEN`, looked for at each call: it is another in each run); in a browser the session.
   */
  apiKey?: string;
  /** Slug or id of the workspace meant. An API key belongs to one and needs none. */
  workspace?: string;
  /** Sent with every request; a function is asked each time. */
  headers?: Record<string, string> | (() => Record<string, string>);
  /** Default: the global `fetch`. */
  fetch?: typeof globalThis.fetch;
  /** Milliseconds that one attempt of a call may take. Default 30000. */
  timeoutMs?: number;
  /** Attempts of calls that may be repeated (queries, and mutations with an idempotency key). */
  retry?: Partial<RetryOptions>;
}

/** What the client can do beyond single calls. */
export interface RunHelpers {
  /** Follows a run to its end: states, task runs and log lines as they come. @throws SignalboxError */
  watchRun(run: RunId, options?: WatchRunOptions): AsyncGenerator<RunUpdate, void>;
  /** The run, once it has ended. @throws TimeoutError after `timeoutMs`; SignalboxError */
  waitForRun(run: RunId, options?: WaitForRunOptions): Promise<RunDetail>;
  /**
   * Follows the events of the workspace, each once and in order: from now on, or after a position. Over broken connections too.
   * @throws SignalboxError
   */
  watchEvents(options?: WatchEventsOptions): AsyncGenerator<Event, void>;
}

/** Every procedure (`client.runs.get.query({ run })`), and helpers. Calls reject with {@link SignalboxError}. */
export type Client = Api & RunHelpers;

/**
 * A client of one control plane. It holds no connection and needs no closing.
 * @throws SignalboxError INVALID_INPUT when `url` is no http address.
 */
export function createClient(options: ClientOptions = {}): Client {
  const home = env('SIGNALBOX_URL') ?? 'http://localhost:4200';
  const url = baseUrl(options.url ?? home);
  // What this environment has of credentials is for its own control plane, and told to no other.
  const isHome = options.url === undefined || (URL.canParse(home) && baseUrl(home) === url);
  const wire: HttpOptions = {
    url,
    headers: () => headersOf(options, isHome),
    fetch: options.fetch ?? ((...args) => globalThis.fetch(...args)),
  };
  const untyped = createTRPCUntypedClient<AppRouter>({
    links: [
      retry({ retries: 3, minDelayMs: 200, maxDelayMs: 5_000, ...options.retry, url }),
      timeLimit({ timeoutMs: options.timeoutMs ?? 30_000, url }),
      http(wire),
    ],
  });
  const api = createTRPCClientProxy(withOurErrors(untyped, url));
  const watch: RunHelpers['watchRun'] = async function* (run, watchOptions) {
    const { watchRun } = await import('./watch-run.ts');
    yield* watchRun(api, wire, run, watchOptions);
  };
  const events: RunHelpers['watchEvents'] = async function* (eventOptions) {
    const { watchEvents } = await import('./watch-events.ts');
    yield* watchEvents(api, wire, eventOptions);
  };
  const helpers: RunHelpers = {
    watchRun: watch,
    watchEvents: events,
    waitForRun: (run, waitOptions) => waitForRun(watch, run, waitOptions),
  };
  return new Proxy(api as Client, {
    get: (target, key) => (Object.hasOwn(helpers, key) ? helpers[key as keyof RunHelpers] : target[key as keyof Client]),
  });
}

/** tRPC wraps whatever a link throws, so errors take their final shape here, outside all links. */
function withOurErrors(untyped: TRPCUntypedClient<AppRouter>, url: string): TRPCUntypedClient<AppRouter> {
  type Method = (path: string, input?: unknown, options?: TRPCProcedureOptions) => Promise<unknown>;
  const wrap =
    (method: Method): Method =>
    async (path, input, options) => {
      try {
        return await method.call(untyped, path, input, options);
      } catch (thrown) {
        options?.signal?.throwIfAborted();
        throw toSignalboxError(thrown, url);
      }
    };
  return { query: wrap(untyped.query), mutation: wrap(untyped.mutation) } as unknown as TRPCUntypedClient<AppRouter>;
}

function baseUrl(text: string): string {
  const parsed = URL.canParse(text) ? new URL(text) : null;
  if (parsed?.protocol === 'http:' || parsed?.protocol === 'https:') return parsed.href.replace(/\/+$/, '');
  const issue = { field: 'url', expected: 'an address such as http://localhost:4200', received: text };
  throw new SignalboxError({ code: 'INVALID_INPUT', message: 'the address of the control plane is not usable', issues: [issue] });
}

function headersOf(options: ClientOptions, isHome: boolean): Record<string, string> {
  const key = options.apiKey ?? (isHome ? (env('SIGNALBOX_API_KEY') ?? env('SIGNALBOX_RUN_TOKEN')) : undefined);
  const own = typeof options.headers === 'function' ? options.headers() : options.headers;
  return {
    // Runs say how they came to be; a program that is something else than this package says so in `headers`.
    'x-signalbox-client': 'sdk',
    ...(key ? { authorization: `Bearer ${key}` } : {}),
    ...(options.workspace ? { 'x-signalbox-workspace': options.workspace } : {}),
    ...own,
  };
}

/** A variable of the process, where there is one: this runs in browsers too. */
function env(name: string): string | undefined {
  return globalThis.process?.env?.[name] || undefined;
}
