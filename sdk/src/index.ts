/**
 * Signalbox: a TypeScript function becomes a flow, which runs by itself, or under an agent on your own computers.
 *
 * ```ts
 * // flow.ts                            run it: node flow.ts --param city=Seattle
 * import { artifact, flow, runContext, task } from '@signalbox/sdk';
 * import { z } from 'zod';
 *
 * const fetchPage = task({ name: 'fetch-page', retries: 3, retryDelay: '1s', timeout: '10s' }, async (url: string) => {
 *   const response = await fetch(url, { signal: runContext().signal });
 *   return response.text();
 * });
 *
 * export const report = flow({ name: 'report', parameters: z.object({ city: z.string() }) }, async ({ city }, ctx) => {
 *   ctx.logger.info(`reporting on ${city}`);
 *   const page = await fetchPage(`https://example.com/${city}`);          // inline: wait for the result
 *   const future = fetchPage.submit('https://example.com/other');         // or start it and go on
 *   const all = await fetchPage.map(['https://a.example', 'https://b.example'], { concurrency: 2 });
 *   artifact.table({ key: 'sizes', rows: [{ page: 'city', bytes: page.length }] });
 *   return all.length + (await future).length;
 * });
 *
 * await report.cli(import.meta);
 * ```
 *
 * - **Durations** are milliseconds or texts: `'500ms'`, `'30s'`, `'5m'`, `'6h'`, `'1d'`.
 * - **Futures** can be passed to other tasks, which wait for them and record them as upstream. A flow ends after all
 *   its task runs; a failed future that nobody looked at fails it. (An inline call that nobody awaits is a promise like
 *   any other: its failure is an unhandled rejection, which ends the run.)
 * - **Failing.** A task throws what it likes; after its retries the caller catches `TaskFailedError` with the `cause`.
 *   `NonRetryableError` skips retries, `RetryAfterError` chooses the pause. A task that takes too long is a
 *   `TimeoutError`. Retries of a task happen in the process; a retry of the flow is a new attempt of the run.
 * - **Results.** Under an agent, and where a flow has retries, finished tasks are not run again in the next attempt of the
 *   run: they are given as `Cached`. `cache` answers calls from other runs too; `transaction()` undoes what half happened.
 * - **Stopping.** `ctx.signal` aborts when the run is cancelled or times out. Pass it on, clean up, and let the
 *   `CancelledError` pass; a process that stays is killed after its grace. `sleep()` of this package honors it.
 * - **Once.** Under an agent user code starts at most once per (run, epoch). Across a network cut nobody can promise
 *   more: write with `runContext().idempotencyKey` (the same in every attempt) or `run.fencingToken` (only grows).
 * - **Limits.** `concurrency('db', async () => ...)` holds a slot of a limit that all runs share; `rateLimit('api')` waits
 *   its turn; a task with `tags: ['db']` holds one of `tag:db` while it runs. Slots end with the run, however it ends.
 * - **Children.** `await runDeployment('etl/load', { parameters })` runs another deployment and waits for its end; what only
 *   waits holds no slots. The run's next attempt finds the children that an earlier one made.
 * - **People.** `await pause({ message, input: z.object({...}) })` waits for a person's answer; `suspend(...)` does so without
 *   a process, for days: resumed, the flow runs again from the top, and what finished is not repeated. `approve({ message, from })`
 *   asks certain people, with a deadline and reminders.
 * - **Workspace.** `variable('regions')` reads what people change without a deploy, `secret('db-password')` what the machine knows
 *   (masked from then on), `block({ type, schema }).load('orders')` settings with a type; `emitEvent('order.paid', ...)` tells. Tests: `@signalbox/sdk/testing`.
 * - **Background.** `await sendMail.delay(to)` has a task run elsewhere, by what `serveTasks([sendMail], { from })` runs.
 * - **Deploying.** `report.deployment({ name, pool, schedules })` in an export, then `signalbox deploy flow.ts`; or
 *   `report.deploy({ name, pool, interval: '10m' })` from code; or `report.serve({ name, cron })` and `serve([...])`, which also
 *   run an agent.
 */
export { type AllowedFailure, allowFailure, type Unmapped, unmapped } from './annotations.ts';
export { type Approval, type ApprovalExpired, type ApproveOptions, approve } from './approve.ts';
export { artifact, type Image, type ImageSource, type Progress, type TableRow } from './artifacts.ts';
export { type Asset, type AssetOptions, type AssetRef, asset } from './asset.ts';
export { type BlockInput, type BlockOptions, type BlockType, block, type SecretReference } from './block.ts';
export { defineConfig, type NamedDeployment, type SignalboxConfig } from './config.ts';
export { type DeployClient, type DeployedDeployment, type DeployTarget, deploy } from './deploy.ts';
export { type DeploymentDefinition, type DeploymentOptions, defineDeployments, type ServiceLevel } from './deployment.ts';
export type { Duration } from './duration.ts';
export { type EmitEventOptions, emitEvent } from './emit-event.ts';
export type { ResultOptions } from './engine/results/result-policy.ts';
export {
  CancelledError,
  ChildRunError,
  isCancelled,
  isChildRunError,
  isLimitTimeout,
  isNonRetryable,
  isParameterError,
  isRetryAfter,
  isTaskFailed,
  isTimeout,
  isTransactionError,
  isUnknownLimit,
  LimitTimeoutError,
  NonRetryableError,
  ParameterError,
  RetryAfterError,
  TaskFailedError,
  TimeoutError,
  TransactionError,
  UnknownLimitError,
} from './errors.ts';
export { type Flow, type FlowOptions, flow, type RunOptions } from './flow.ts';
export type { AnyFlow } from './flow-definition.ts';
export type { TaskFuture, TaskFutureList } from './future.ts';
export { all, asCompleted } from './futures.ts';
export {
  type ConcurrencyOptions,
  concurrency,
  type Limit,
  type LimitOptions,
  type LimitRef,
  limit,
  rateLimit,
  type Slots,
} from './limits.ts';
export { type LogAttributes, type Logger, logger } from './logger.ts';
export { type PauseOptions, pause, suspend } from './pause.ts';
export { type AzureStorageOptions, azureStorage } from './results/azure-storage.ts';
export { type CacheCall, type CacheOptions, type CachePolicy, cachePolicy } from './results/cache-policy.ts';
export { type GcsStorageOptions, gcsStorage } from './results/gcs-storage.ts';
export { type LocalStorageOptions, localStorage } from './results/local-storage.ts';
export { memoryStorage } from './results/memory-storage.ts';
export { type S3StorageOptions, s3Storage } from './results/s3-storage.ts';
export { jsonSerializer, type LosslessType, losslessSerializer, type ResultSerializer } from './results/serializer.ts';
export type { ResultLog, ResultStorage } from './results/storage.ts';
export { UnserializableError } from './results/unserializable-error.ts';
export { type BackoffOptions, exponentialBackoff, type FlowRetryOptions, type TaskRetryOptions } from './retry.ts';
export { cancelled, completed, failed, type ReturnedState } from './returned-state.ts';
export { findRunContext, type RunContext, type RunInfo, runContext, type TaskRunInfo } from './run-context.ts';
export { type ChildRun, type RunDeploymentOptions, runDeployment } from './run-deployment.ts';
export { cron, interval, type Overlap, rrule, type ScheduleDefinition } from './schedules.ts';
export { type SecretProvider, secret, secretProvider } from './secret.ts';
export { type ServeOptions, serve } from './serve.ts';
export { type ServeTasksOptions, serveTasks } from './serve-tasks.ts';
export { sleep } from './sleep.ts';
export type { StandardSchema } from './standard-schema.ts';
export type { FlowHookOptions, StateEvent, StateHook, StateHookOptions } from './state-hooks.ts';
export { tags } from './tag-scope.ts';
export { type MapOptions, type Resolvable, type Task, type TaskOptions, task } from './task.ts';
export { type Transaction, type TransactionHook, type TransactionOptions, transaction } from './transaction.ts';
export { variable } from './variable.ts';
