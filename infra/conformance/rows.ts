/**
 * What Prefect 3's SDK does, row by row, and what becomes of it here. Each row that is `same` or `better` names an example,
 * which tests run by itself and, where its row says nothing else, under an agent. A row that is left out says why.
 */

export type Row = {
  readonly feature: string;
  readonly verdict: 'same' | 'better' | 'left out';
  /** Better how, left out for what. */
  readonly why?: string;
  readonly proof?: string;
};
export type Section = { readonly title: string; readonly rows: readonly Row[] };

const same = (feature: string, proof: string): Row => ({ feature, verdict: 'same', proof });
const better = (feature: string, proof: string, why: string): Row => ({ feature, verdict: 'better', proof, why });
const out = (feature: string, why: string): Row => ({ feature, verdict: 'left out', why });

const pattern = (name: string) => `examples/patterns/${name}.ts`;

const FLOW: Section = {
  title: '2.1 Options of a flow',
  rows: [
    same("name: given, or the function's", pattern('parameters')),
    better('version', pattern('options'), 'the digest of the whole folder, not of one file'),
    better(
      'retries, retry_delay_seconds',
      pattern('retries'),
      'lists, jitter and a condition, as of tasks; finished tasks are not run again',
    ),
    same('description', pattern('options')),
    same('on_completion, on_failure, on_cancellation, on_crashed, on_running', pattern('hooks')),
    same('log_prints', pattern('telling')),
    better('task_runner (max_workers)', pattern('limiting'), '`maxConcurrency` of the flow, of a task and of a map; no threads to lock up'),
    better('timeout_seconds', pattern('overdue'), 'a signal that code can pass on, then the process is killed'),
    better('validate_parameters', pattern('parameters'), 'any Standard Schema, and checked before the run is made'),
    same('invalid parameters fail without running', pattern('parameters')),
    better(
      'persist_result, result_storage, result_serializer',
      pattern('results'),
      'on under an agent, so that another attempt does not repeat what finished',
    ),
    out('cache_result_in_memory', 'results are plain values of the process; nothing else holds them'),
    same('banned characters in names', pattern('parameters')),
    out('reserved argument names', 'there are none: options are not arguments'),
    better('flow_run_name', pattern('options'), 'a typed function of the checked parameters, or a template'),
  ],
};

const TASK: Section = {
  title: '2.2 Options of a task',
  rows: [
    same('name, tags', pattern('options')),
    better('task_run_name', pattern('options'), 'a typed function of the arguments, or a template'),
    same('retries, retry_delay_seconds (number, list)', pattern('retries')),
    better('exponential_backoff', pattern('retries'), 'with initial pause, factor and maximum'),
    better('retry_jitter_factor', pattern('retries'), 'it has an effect'),
    same('retry_condition_fn; an exception in it means no', pattern('retries')),
    better('errors that choose: never, or after a time', pattern('retries'), 'no counterpart'),
    same('returning a failed state retries too', pattern('returned')),
    better('timeout_seconds', pattern('timeouts'), 'a signal, and an end for code that ignores it'),
    better(
      'timeout of code that blocks',
      pattern('isolation'),
      'isolate: "thread" or "process" really ends it; there a blocking call in a worker thread is never interrupted',
    ),
    same('timeouts retry', pattern('timeouts')),
    same('cache_policy, cache_expiration, refresh_cache', pattern('caching')),
    same('cache_key_fn', pattern('caching')),
    same('persist_result, result_storage, result_serializer', pattern('results')),
    same('on_commit, on_rollback', pattern('transactions')),
    same('on_completion, on_failure, on_running', pattern('hooks')),
    better('max concurrency of a map', pattern('limiting'), 'an option of task and call; there it is one of the runner'),
    out('viz_return_value', 'a picture is made from the source, which calls nothing'),
    out('result_storage_key', 'the key belongs to the storage, which needs it to find a result of another attempt'),
  ],
};

const CALLING: Section = {
  title: '2.3 Calling',
  rows: [
    same('task(x) runs inline, in and outside a flow', pattern('calling')),
    same('.submit and futures', pattern('calling')),
    better(
      'futures unresolved at the end of a flow',
      pattern('unseen'),
      'waited for, and a failure nobody saw fails the flow instead of being a log line',
    ),
    same('.map: lengths, constants, texts are no lists', pattern('mapping')),
    better('.map over the future of a list', pattern('mapping'), 'without waiting for it in the flow'),
    same('unmapped, allow_failure', pattern('upstream')),
    out('quote, opaque', 'futures are looked for one level deep in arrays and plain objects alone; wrap a value in a function to hide it'),
    same('.with_options, .fn', pattern('calling')),
    same('.delay, .apply_async: background tasks', 'examples/background/tasks.ts'),
    same('wait_for', pattern('upstream')),
    same('as_completed, with a timeout', pattern('calling')),
    better('return_state=True', pattern('upstream'), 'future.settled() and future.state, which keep their types'),
    same('upstream failed: NotReady', pattern('upstream')),
    better('dependencies inferred from results', pattern('upstream'), 'for objects alone, so that equal small numbers are no dependency'),
    same('flows called in flows', pattern('nesting')),
    better('flows through another deployment', 'examples/family/flow.ts', 'a parent that waits holds no slot'),
    same('nested tasks', pattern('nesting')),
    same('generators, methods, closures', pattern('nesting')),
    same('return value decides the state', pattern('returned')),
    same('a state that is returned', pattern('returned')),
    better('task runners: threads and processes', pattern('isolation'), 'an option of the task, so that a flow mixes them'),
    out('task runners: Dask, Ray', 'a flow that needs more machines runs deployments'),
    out('module wait()', 'Promise.all, Promise.allSettled and asCompleted do it'),
  ],
};

const RESULTS: Section = {
  title: '2.4 Caching, results, transactions',
  rows: [
    same('policies inputs, task source, flow parameters, run id, none; they compose', pattern('caching')),
    same('excluding an input', pattern('caching')),
    same('what cannot be hashed runs, and says so', pattern('caching')),
    better(
      'caching needs persisted results',
      pattern('caching'),
      'asking for both a cache and no results is an error instead of being inert',
    ),
    same('a hit is Cached; expiry; refresh', pattern('caching')),
    same('isolation of the cache: read committed, serializable', pattern('caching')),
    better('serializers', pattern('results'), 'lossless without running code that comes with the data'),
    same('storages: local, S3-compatible', 'examples/storages/flow.ts'),
    same('storages: memory', pattern('results')),
    better('storages: Google Cloud Storage, Azure Blob', 'examples/storages/flow.ts', 'without a vendor library to install'),
    same('transactions: commit, rollback, nesting, modes', pattern('transactions')),
    same('a key that was committed is not done again', pattern('transactions')),
    same('rollback hooks, the latest first', pattern('transactions')),
    better('an error on commit', pattern('transactions'), 'throws, instead of a run that goes on as if'),
    same('txn.set, txn.get: copies, falls back to the parent', pattern('transactions')),
    better('resume without repeating', 'examples/resume/flow.ts', 'in any attempt on any agent with the storage, not only where asked for'),
  ],
};

const REST: Section = {
  title: '2.5 Rest of the SDK',
  rows: [
    same('runtime context', pattern('context')),
    better('idempotency key and fencing token', pattern('context'), 'no counterpart'),
    same('tags()', pattern('context')),
    same('run logger, levels', pattern('telling')),
    better('log_prints (console captured for each task)', pattern('telling'), 'always, and told apart by task; there it is an option'),
    better('a log line that is too long', pattern('telling'), 'comes in pieces instead of being cut'),
    better(
      'OpenTelemetry spans, traceparent',
      pattern('context'),
      "through the program's own OpenTelemetry, or to a collector without any library; lines of a log carry the trace",
    ),
    better(
      'a log call outside a run',
      pattern('telling'),
      'goes to the console, and is no error; by nature here alone, not under an agent',
    ),
    same('pause and suspend with a form', 'examples/approval/flow.ts'),
    better(
      'approve() by people and teams, deadline, reminders',
      'examples/approval/people.ts',
      'no counterpart: there whoever may resume a run answers',
    ),
    same('concurrency(), rate_limit(), limits by tag', pattern('limiting')),
    better(
      'state hooks (on_running, on_completion, on_failure, on_cancellation, on_crashed)',
      pattern('hooks'),
      'of tasks on cancellation too, with the error and the result',
    ),
    better(
      '.delay, serve(*tasks)',
      'examples/background/worker.ts',
      'the queue is the database: a restart forgets nothing, and arguments stay lossless',
    ),
    same('artifacts: markdown, table, link, progress', pattern('telling')),
    better('image artifacts', pattern('telling'), 'bytes too, not an address alone; both are replaced in place'),
    better(
      'testing without a server',
      'examples/background/flow.test.ts',
      'in the test itself, with virtual time, doubles and faults; there a server is started; by nature here alone, not under an agent',
    ),
    better(
      'variables, secrets',
      pattern('workspace'),
      'a secret is a reference that the agent resolves, and is masked wherever it is said',
    ),
    better('custom events (emit_event)', pattern('workspace'), 'a step that is retried or resumed emits once'),
    better('schedules and deployments as code', 'examples/weather/flow.ts', 'signalbox.config.ts, with a diff before anything is written'),
    better(
      'a picture of a flow, mermaid and svg',
      pattern('picture'),
      'from the source, with branches and loops; nothing is called, so it is drawn here alone',
    ),
    better('a typed SDK generated from deployments', 'examples/handles/flow.ts', 'parameters of the schema that the deployment checks'),
    same('run_deployment', 'examples/family/flow.ts'),
    out(
      'messages to a run (send, receive, respond)',
      'a form is asked for with pause or suspend; free messages need a channel that a suspended run has too',
    ),
    out(
      '@docker, @kubernetes decorators that bundle code',
      'code is never uploaded through the control plane; an image or a repository is the source of a deployment',
    ),
    out('MCP server', 'the typed client and --json on each command serve programs'),
  ],
};

export const SECTIONS: readonly Section[] = [FLOW, TASK, CALLING, RESULTS, REST];
