/**
 * `@signalbox/sdk/client`: talk to a control plane from any program, or from a browser.
 *
 * @example
 * const client = createClient({ url: 'http://localhost:4200', apiKey: process.env.SIGNALBOX_API_KEY });
 * const run = await client.runs.create.mutate({ deployment: 'weather/daily', parameters: { years: [2012] } });
 * for await (const update of client.watchRun(run.id)) if (update.kind === 'logs') console.log(update.lines);
 * const ended = await client.waitForRun(run.id, { timeoutMs: 60_000 });
 */
export type { Client, ClientOptions, RunHelpers } from './create-client.ts';
export { createClient } from './create-client.ts';
export type { RetryOptions } from './links/retry.ts';
export type { Api, AppRouter } from './router.ts';
export type { RunUpdate, WatchRunOptions } from './run-update.ts';
export { isSignalboxError, SignalboxError } from './signalbox-error.ts';
export type { WaitForRunOptions } from './wait-for-run.ts';
export type { WatchEventsOptions } from './watch-events.ts';
