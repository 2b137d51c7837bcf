/** Changes of state of runs and of their task runs, a batch at a time: packed when they get their positions, spread out when they are read. Pure. */
import { toId } from '@signalbox/proto';
import type { Event } from '@signalbox/proto/api';

export type Labels = Readonly<Record<string, string>>;
/** What a run's events say of it. */
export type RunLabels = { readonly name: string; readonly related: readonly Labels[] };

/** Which task run of a run, and what it is called. */
export type TaskRunLabels = { readonly epoch: number; readonly ordinal: number; readonly task: string; readonly name: string };

export type Change = {
  readonly position: number;
  readonly runId: string;
  /** Of a task run; absent: of the run itself. */
  readonly taskRun?: TaskRunLabels | undefined;
  readonly name: string;
  readonly payload: Readonly<Record<string, unknown>> | null;
  readonly atMs: number;
  /** When user code was called: of an end. */
  readonly startedAtMs: number | null;
};

/** What event_block holds, beside day and workspace. */
export type Block = {
  readonly firstPosition: number;
  readonly lastPosition: number;
  readonly runIds: readonly string[];
  readonly names: Readonly<Record<string, number>>;
  readonly labels: readonly (readonly Labels[])[];
  readonly body: Body;
};

/** The same as JSON: most that are looked through are passed over unread. */
export type BlockText = { readonly [K in 'runIds' | 'labels' | 'body']: string };

type Body = {
  /** In the order of `runIds`: name, and which of `labels`. */
  readonly runs: readonly (readonly [name: string, labels: number])[];
  readonly kinds: readonly (readonly [name: string, payload: Readonly<Record<string, unknown>>])[];
  /** Absent where there are none. */
  readonly taskRuns?: readonly (readonly [epoch: number, ordinal: number, task: string, name: string])[];
  /** By position: steps from the one before (position, milliseconds), the run, the kind; of an end: how long before it user code was called; the task run. */
  readonly events: readonly (readonly [
    position: number,
    atMs: number,
    run: number,
    kind: number,
    ranMs?: number | null,
    taskRun?: number,
  ])[];
};

/** Changes of one workspace, by position; at least one. A run that is not known (its record is gone) has neither name nor relations. */
export function packBlock(changes: readonly Change[], runs: ReadonlyMap<string, RunLabels>): Block {
  const runIds = numbered<string>();
  const labels = numbered<readonly Labels[]>(JSON.stringify);
  const kinds = numbered<Body['kinds'][number]>(JSON.stringify);
  const taskRuns = numbered<NonNullable<Body['taskRuns']>[number]>(JSON.stringify);
  const facts: (readonly [string, number])[] = [];
  const names: Record<string, number> = {};
  let [position, atMs] = [changes[0]?.position ?? 0, 0];
  const firstPosition = position;
  const events = changes.map((change) => {
    const run = runIds.of(change.runId);
    if (run === facts.length) {
      const { name, related } = runs.get(change.runId) ?? { name: '', related: [] };
      facts.push([name, labels.of(related)]);
    }
    names[change.name] = (names[change.name] ?? 0) + 1;
    const kind = kinds.of([change.name, change.payload ?? {}]);
    const steps = [change.position - position, change.atMs - atMs, run, kind] as const;
    position = change.position;
    atMs = change.atMs;
    const ranMs = change.startedAtMs === null ? null : change.atMs - change.startedAtMs;
    if (change.taskRun) {
      const { epoch, ordinal, task, name } = change.taskRun;
      return [...steps, ranMs, taskRuns.of([epoch, ordinal, task, name])] as const;
    }
    return ranMs === null ? steps : ([...steps, ranMs] as const);
  });
  return {
    firstPosition,
    lastPosition: position,
    runIds: runIds.all,
    names,
    labels: labels.all,
    body: { runs: facts, kinds: kinds.all, ...(taskRuns.all.length > 0 ? { taskRuns: taskRuns.all } : {}), events },
  };
}

/** Gives each different thing a number, in the order they come. */
function numbered<T>(keyOf: (thing: T) => string = String) {
  const numbers = new Map<string, number>();
  const all: T[] = [];
  const of = (thing: T): number => {
    const key = keyOf(thing);
    const known = numbers.get(key);
    if (known !== undefined) return known;
    numbers.set(key, all.length);
    return all.push(thing) - 1;
  };
  return { all, of };
}

/** By position; those of names that are wanted, and of runs that have to do with all of `things`. */
export function spreadBlock(
  { firstPosition, runIds, labels, body }: Pick<Block, 'firstPosition' | 'runIds' | 'labels' | 'body'>,
  receivedAt: Date,
  wants: (name: string) => boolean = () => true,
  things: readonly string[] = [],
): Event[] {
  const isWanted = body.kinds.map(([name]) => wants(name));
  const resources = body.runs.map(([name], i) => ({ id: toId('run', runIds[i] ?? ''), kind: 'run', name }));
  const isAsked = body.runs.map(([, at], i) =>
    things.every((thing) => runOf(thing) === resources[i]?.id || labels[at]?.some(({ id }) => id === thing)),
  );
  let [position, atMs] = [firstPosition, 0];
  return body.events.flatMap(([step, stepMs, run, kind, ranMs, task]) => {
    position += step;
    atMs += stepMs;
    if (!isWanted[kind] || isAsked[run] === false) return [];
    const [name, payload] = body.kinds[kind] ?? ['', {}];
    const self = { id: '', kind: 'run', name: '', ...resources[run] };
    const related = labels[body.runs[run]?.[1] ?? -1] ?? [];
    const taskRun = task === undefined ? undefined : body.taskRuns?.[task];
    return {
      position,
      id: eventId(receivedAt, position),
      name,
      occurredAt: new Date(atMs).toISOString(),
      receivedAt: receivedAt.toISOString(),
      ...(taskRun
        ? { resource: taskRunOf(self.id, taskRun, name), related: [{ role: 'run', id: self.id, name: self.name }, ...related] }
        : { resource: { ...self, state: name.slice('run.'.length) }, related: [...related] }),
      payload: ranMs == null ? payload : { ...payload, startedAt: new Date(atMs - ranMs).toISOString() },
      follows: null,
    };
  });
}

/** What stands in the text of events of blocks beside what the block holds: keys of labels, ids, instants. */
const MADE_WORDS = ['id', 'kind', 'run', 'task-run', 'name', 'task', 'state', 'role', 'startedat'];
/** Of `run_01hx...`, or of `run_01hx.../1.2`, which is a task run. */
const PART_OF_ID = /^(r?u?n?_)?[0-9a-hjkmnp-tv-z./]*$/;
const PART_OF_INSTANT = /^[0-9t:.z-]+$/;

/**
 * Whether a block may have a text (in lower case) in one of its events; false is sure, without spreading it. A text with signs of JSON may begin in one
 * value and end in another, and may always be there.
 */
export function mayHaveText(text: string): (block: BlockText) => boolean {
  const isLoose = /["\\:,{}[\]]/.test(text) || PART_OF_INSTANT.test(text) || MADE_WORDS.some((word) => word.includes(text));
  if (isLoose) return () => true;
  const inIds = PART_OF_ID.test(text);
  return ({ runIds, labels, body }) =>
    body.toLowerCase().includes(text) ||
    labels.toLowerCase().includes(text) ||
    (inIds && (/[./]/.test(text) || (JSON.parse(runIds) as string[]).some((id) => toId('run', id).includes(text))));
}

/** Its id: that of the run, the epoch, and its number in it. */
function taskRunOf(runId: string, [epoch, ordinal, task, name]: NonNullable<Body['taskRuns']>[number], event: string): Labels {
  return { id: `${runId}/${epoch}.${ordinal}`, kind: 'task-run', name, task, state: event.slice('task-run.'.length) };
}

/** The run that such an id names, or the id itself. */
export const runOf = (id: string): string => /^([^/]+)\/\d+\.\d+$/.exec(id)?.[1] ?? id;

/** A UUID (version 8) that nobody has to store: when it was received, and its position. */
function eventId(receivedAt: Date, position: number): string {
  const time = receivedAt.getTime().toString(16).padStart(12, '0');
  const place = position.toString(16).padStart(15, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-8000-8${place.slice(0, 3)}-${place.slice(3)}`;
}

/** The position that such an id says; null: it is of another kind. */
export function positionOf(id: string): number | null {
  const [, head = '', tail = ''] = /^[0-9a-f]{8}-[0-9a-f]{4}-8000-8([0-9a-f]{3})-([0-9a-f]{12})$/.exec(id) ?? [];
  return head === '' ? null : Number.parseInt(head + tail, 16);
}
