/**
 * Whether what happened may happen. Pure: everything that was seen goes in, what must not be comes out. Legal moves are
 * written down here a second time, apart from the run machine, since a checker that asks the checked proves nothing.
 */
export type HistoryRun = {
  /** UUID. */
  readonly id: string;
  readonly isLive: boolean;
  readonly stateType: string;
  readonly epoch: number;
  readonly states: readonly { readonly type: string; readonly name: string; readonly message?: string }[];
};

export type Seen = {
  /** Runs whose creation was answered to a client. UUIDs. */
  readonly accepted: ReadonlySet<string>;
  readonly runs: readonly HistoryRun[];
  /** Lines of user code: one each time it was called, one each time it came to its end. */
  readonly starts: readonly { readonly run: string; readonly epoch: number }[];
  readonly ends: readonly { readonly run: string; readonly epoch: number; readonly tasks: number }[];
  /** Log lines that user code wrote in each epoch. */
  readonly lines: ReadonlyMap<string, number>;
  /** Slots held by nobody who runs, or runs without a slot, in any one look. */
  readonly leakedHolders: number;
  /** Rows stored for one epoch of a run. */
  readonly stored: ReadonlyMap<string, { readonly tasks: number; readonly lines: number; readonly differentLines: number }>;
  /** Runs that schedules made: schedule and instant. */
  readonly fires: readonly { readonly schedule: string; readonly at: number }[];
  /**
   * What the pure function of schedules says, from when they were on. Those that are not due yet may have fired. Those that are rolled
   * came from a closed day.
   */
  readonly plannedFires: readonly {
    readonly schedule: string;
    readonly at: number;
    readonly isDue: boolean;
    readonly isRolled: boolean;
  }[];
};

export type Violations = {
  readonly lost: number;
  readonly doubleStarts: number;
  readonly leakedHolders: number;
  readonly illegalHistories: number;
  readonly reportsLost: number;
  readonly schedulesWrong: number;
  /** One line each, for a person; the first of each kind. */
  readonly examples: readonly string[];
};

const ENDED = new Set(['COMPLETED', 'FAILED', 'CRASHED', 'CANCELLED']);

/** From a state's name (an ended one: its type) to where it may go. */
const MOVES: Readonly<Record<string, readonly string[]>> = {
  Scheduled: ['Pending', 'Running', 'CANCELLED', 'CRASHED'],
  AwaitingRetry: ['Pending', 'Running', 'CANCELLED', 'CRASHED'],
  Resuming: ['Pending', 'Running', 'CANCELLED', 'CRASHED'],
  Pending: ['Running', 'Scheduled', 'AwaitingRetry', 'Resuming', 'Cancelling', 'CANCELLED', 'CRASHED'],
  Running: ['Scheduled', 'AwaitingRetry', 'Lost', 'AwaitingChild', 'Paused', 'Suspended', 'Cancelling', ...ENDED],
  Lost: ['Running', 'Scheduled', 'AwaitingRetry', 'AwaitingChild', 'Paused', 'Suspended', 'Cancelling', ...ENDED],
  AwaitingChild: ['Running', 'Lost', 'Cancelling', ...ENDED],
  Paused: ['Running', 'Suspended', 'Lost', 'Cancelling', ...ENDED],
  Suspended: ['Resuming', 'CANCELLED', 'FAILED'],
  Cancelling: ['CANCELLED', 'FAILED', 'COMPLETED', 'CRASHED'],
  COMPLETED: [],
  FAILED: [],
  CRASHED: [],
  CANCELLED: [],
};

export const keyOf = (run: string, epoch: number): string => `${run}:${epoch}`;

export function checkHistory(seen: Seen): Violations {
  const examples: string[] = [];
  const count = (kind: string, problems: readonly string[]): number => {
    if (problems[0] !== undefined) examples.push(`${kind} (${problems.length}): ${problems.slice(0, 3).join('; ')}`);
    return problems.length;
  };
  const byId = new Map(seen.runs.map((run) => [run.id, run]));
  return {
    lost: count('lost', lostRuns(seen.accepted, byId)),
    doubleStarts: count('started twice in one epoch', repeated(seen.starts.map(({ run, epoch }) => keyOf(run, epoch)))),
    leakedHolders: seen.leakedHolders,
    illegalHistories: count('illegal history', seen.runs.flatMap(illegalMove)),
    reportsLost: count(
      'reports lost or doubled',
      seen.ends.flatMap((end) => missingReports(end, byId, seen)),
    ),
    schedulesWrong: count('schedules', wrongFires(seen)),
    examples,
  };
}

/** Accepted, or made by a schedule or a flow, and neither ended nor there. */
function lostRuns(accepted: ReadonlySet<string>, byId: ReadonlyMap<string, HistoryRun>): string[] {
  return [...new Set([...accepted, ...byId.keys()])].flatMap((id) => {
    const run = byId.get(id);
    if (!run) return [`${id} is nowhere`];
    return ENDED.has(run.stateType) ? [] : [`${id} is ${run.stateType} after everything was healed`];
  });
}

function repeated(keys: readonly string[]): string[] {
  const once = new Set<string>();
  return keys.filter((key) => once.size === once.add(key).size);
}

/** A flow that is about to leave stays as it is until it has: its wish is told, and no move. */
function isWish({ name, message }: HistoryRun['states'][number], before: HistoryRun['states'][number] | undefined): boolean {
  return name === before?.name && message !== undefined && message.startsWith('its flow suspends itself');
}

export function illegalMove({ id, states }: HistoryRun): string[] {
  const names = states
    .filter((state, at) => !isWish(state, states[at - 1]))
    .map(({ type, name }) => (ENDED.has(type) ? type : type === 'CANCELLING' ? 'Cancelling' : name));
  if (names[0] !== 'Scheduled') return [`${id} began as ${names[0]}`];
  for (let at = 1; at < names.length; at++) {
    const [from, to] = [names[at - 1] ?? '', names[at] ?? ''];
    if (!MOVES[from]?.includes(to)) return [`${id} went from ${from} to ${to}`];
  }
  return [];
}

/** A run that completed in this epoch has each of its task runs and log lines, once. */
function missingReports(end: Seen['ends'][number], byId: ReadonlyMap<string, HistoryRun>, seen: Seen): string[] {
  const run = byId.get(end.run);
  if (run?.stateType !== 'COMPLETED' || run.epoch !== end.epoch) return [];
  const key = keyOf(end.run, end.epoch);
  const { tasks, lines, differentLines } = seen.stored.get(key) ?? { tasks: 0, lines: 0, differentLines: 0 };
  const written = seen.lines.get(key) ?? 0;
  if (tasks === end.tasks && lines === written && differentLines === written) return [];
  return [`${end.run}: ${tasks} of ${end.tasks} tasks stored, and ${lines} lines (${differentLines} different) of ${written}`];
}

const nameOf = ({ schedule, at }: Seen['fires'][number]) => `${schedule} at ${new Date(at).toISOString()}`;

/** How many fires were moved off a closed day, and made. */
export function rolledFires({ fires, plannedFires }: Seen): number {
  const made = new Set(fires.map(nameOf));
  return plannedFires.filter((fire) => fire.isRolled && made.has(nameOf(fire))).length;
}

function wrongFires({ fires, plannedFires }: Seen): string[] {
  const made = fires.map(nameOf);
  const there = new Set(made);
  const planned = new Set(plannedFires.map(nameOf));
  return [
    ...repeated(made).map((fire) => `${fire} fired twice`),
    ...plannedFires.flatMap((fire) => (!fire.isDue || there.has(nameOf(fire)) ? [] : [`${nameOf(fire)} did not fire`])),
    ...[...there].flatMap((fire) => (planned.has(fire) ? [] : [`${fire} should not have fired`])),
    ...(plannedFires.some(({ isDue, isRolled }) => isDue && isRolled)
      ? []
      : ['no fire was moved off a closed day, and there are schedules for that']),
  ];
}
