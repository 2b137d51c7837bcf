/** How each pattern ends, here and under an agent alike. Read by tests. */

export interface Expected {
  readonly state: { readonly type: string; readonly name: string };
  readonly result: unknown;
  /** The last state of each task run, by its key. */
  readonly tasks: Readonly<Record<string, string>>;
  /** After which task runs one is recorded, by keys. */
  readonly upstream?: Readonly<Record<string, readonly string[]>>;
}

const ok = { type: 'COMPLETED', name: 'Completed' };

/** States of so many calls of a task, `load#1` the first. */
const calls = (task: string, ...states: string[]) => Object.fromEntries(states.map((state, i) => [`${task}#${i + 1}`, state]));
const times = (n: number) => Array.from({ length: n }, () => 'Completed');

/** By the name of the flow, which is that of its file. */
export const expected: Readonly<Record<string, Expected>> = {
  options: { state: ok, result: 80, tasks: calls('price', ...times(2)) },
  calling: {
    state: ok,
    result: [1, 4, 16, 25, 25, 36, 49, 64, 81, 81, 100, true],
    tasks: { ...calls('square', ...times(9)), 'nine#1': 'Completed', 'slow#1': 'Completed' },
  },
  mapping: {
    state: ok,
    result: {
      pairs: ['10 kg', '200 kg'],
      ofFuture: ['5 cm', '10 cm'],
      constant: [3, 6],
      refused: true,
      few: ['2 l', '4 l', '6 l'],
    },
    tasks: { ...calls('list', ...times(1)), ...calls('scale', ...times(7)), ...calls('total', ...times(2)) },
  },
  upstream: {
    state: ok,
    result: { sum: 4, said: 'without rows', closed: 'closed', bad: 'rejected', never: 'rejected', state: 'NotReady', counted: 2 },
    tasks: {
      ...calls('load', 'Completed', 'Failed'),
      ...calls('add', 'NotReady', 'Completed'),
      ...calls('report', 'Completed'),
      ...calls('close', 'Completed'),
    },
    upstream: { 'count#1': ['table#1'], 'add#1': ['load#1', 'load#2'], 'close#1': ['load#1'] },
  },
  returned: {
    state: { type: 'COMPLETED', name: 'Partial' },
    result: [0, 'refused', 'stopped', 'there', true],
    tasks: { 'skip#1': 'Skipped', 'refuse#1': 'Failed', 'stop#1': 'Cancelled', 'second#1': 'Completed', 'partly#1': 'Failed' },
  },
  retries: {
    state: ok,
    result: { numbers: [3, 2], failed: 3, attempt: 2, pauses: [1_000, 3_000, 9_000, 10_000], sooner: true },
    tasks: { 'flaky#1': 'Cached', 'throttled#1': 'Cached', 'picky#1': 'Failed', 'final#1': 'Failed', 'undecided#1': 'Failed' },
  },
  timeouts: {
    state: ok,
    result: ['timed out', 'second time', true],
    tasks: { 'slow#1': 'TimedOut', 'tidy#1': 'Completed', 'deaf#1': 'TimedOut' },
  },
  overdue: { state: { type: 'FAILED', name: 'TimedOut' }, result: undefined, tasks: { 'wait#1': 'Cancelled' } },
  unseen: { state: { type: 'FAILED', name: 'Failed' }, result: undefined, tasks: { 'slow#1': 'Completed', 'fails#1': 'Failed' } },
  parameters: {
    state: ok,
    result: { weighed: '40 g', wrong: 'parameters.grams', began: 1, banned: true, nameless: true, named: ['doubled', 4] },
    tasks: { 'doubled#1': 'Completed' },
  },
  isolation: {
    state: ok,
    result: { primes: 1229, stuck: 'TimeoutError', elsewhere: true },
    tasks: { 'primes#1': 'Completed', 'stuck#1': 'TimedOut', 'where#1': 'Completed' },
  },
  nesting: {
    state: ok,
    result: [6, 42, 6, 10, 15, true],
    tasks: {
      'careless#1': 'Failed',
      'careless#1/late#1': 'Failed',
      'inner#1': 'Completed',
      'inner#1/page#1': 'Completed',
      'page#1': 'Completed',
      'page#1/row#1': 'Completed',
      'import#1': 'Completed',
    },
  },
  caching: {
    state: ok,
    result: { made: 5, later: 3, given: [1, 2], refused: true },
    tasks: {
      ...calls('rate', 'Completed', 'Cached', 'Completed'),
      ...calls('never', ...times(2)),
      ...calls('brief', ...times(2)),
      ...calls('per-day', 'Completed', 'Cached'),
      ...calls('unknowable', ...times(2)),
    },
  },
  results: { state: ok, result: [2026, '10', 10], tasks: {} },
  transactions: {
    state: ok,
    result: ['rolled back', 'b.csv', ['undo b because', 'undo a because', 'undo trial undefined'], true, [1, 1]],
    tasks: {
      ...calls('upload', 'RolledBack', 'Completed'),
      ...calls('register', 'Failed', 'Completed'),
      ...calls('step', 'RolledBack', 'RolledBack', 'RolledBack'),
      ...calls('broken', 'RolledBack'),
    },
  },
  context: {
    state: ok,
    result: {
      to: 'ada',
      traceparent: null,
      key: 1,
      fenced: true,
      aborted: false,
      attempt: 2,
      flow: 'context',
      parameters: { who: 'ada' },
      inside: true,
    },
    tasks: { 'send#1': 'Completed' },
  },
  telling: { state: ok, result: 3, tasks: calls('count', ...times(3)) },
  hooks: {
    state: ok,
    result: [
      ...['hooks Running', 'flaky Running', 'flaky Retrying', 'flaky Completed', 'broken Failed', 'no disk'],
      ...['stopped Cancelled', 'part Completed', 'part-2 Failed'],
    ],
    tasks: { 'flaky#1': 'Completed', 'broken#1': 'Failed' },
  },
  workspace: {
    state: ok,
    result: {
      regions: ['eu', 'us'],
      sent: ['mail.internal:587 21', 'mail.internal:587 21'],
      missing: 'there is no secret "drawer:nothing": looked for it at the provider "drawer"',
    },
    tasks: { ...calls('send', ...times(2)), 'tells#1': 'Completed' },
  },
  picture: { state: ok, result: '5 rows', tasks: { 'load#1': 'Completed', 'clean#1': 'Completed', 'report#1': 'Completed' } },
  assets: { state: ok, result: 'may: 2', tasks: calls('report', 'Completed') },
  limiting: {
    state: ok,
    result: { map: true, tag: true, limit: true, flow: true },
    tasks: Object.assign({}, ...['mapped', 'scanned', 'printed', 'asked', 'crowd'].map((name) => calls(name, ...times(5)))),
  },
};

/** The block `mailbox/pattern`, which the workspace has. */
export const mailbox = { host: 'mail.internal', password: { $secret: 'drawer:mail/password' } };
