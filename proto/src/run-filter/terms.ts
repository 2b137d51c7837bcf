/** The words of a filter's text, one entry a word: how it is read, how it is written, what the help says. */
import { isId } from '../ids.ts';
import { FAILURE_KINDS } from '../run-failure.ts';
import { RUN_KINDS, RUN_STATES, type RunStateType } from '../run-state.ts';
import type { RunFilter } from './schema.ts';
import { quote } from './tokens.ts';
import { type Bounds, readBounds, readInstant, readLength, writeBounds, writeLength } from './values.ts';

/** A filter being put together. */
export type Draft = { -readonly [K in keyof RunFilter]: RunFilter[K] };

export type Term = {
  readonly example: string;
  readonly help: string;
  readonly mayNegate?: true;
  /** Adds to the draft. A text says what was expected instead. */
  read(draft: Draft, values: readonly string[], more: { readonly nowMs: number; readonly isNegated: boolean }): string | null;
  /** The words that say this part of a filter. */
  write(filter: RunFilter): readonly string[];
};

type ListKey = 'flows' | 'deployments' | 'pools' | 'queues' | 'schedules' | 'agents' | 'createdBy' | 'versions';
type InstantKey = 'created' | 'due' | 'started' | 'ended';

/** In the order in which a filter is written. */
export const TERMS: Readonly<Record<string, Term>> = {
  state: {
    example: 'state:failed,timedOut',
    help: 'a state, or the name of one; also late and awaitingConcurrencySlot',
    mayNegate: true,
    read(draft, values, { isNegated }) {
      const types = values.map((value) => RUN_STATES.find((state) => state.toLowerCase() === value.toLowerCase()) ?? value);
      const isType = (value: string): value is RunStateType => (RUN_STATES as readonly string[]).includes(value);
      if (isNegated) {
        const odd = types.find((type) => !isType(type));
        if (odd !== undefined) return `a type of state after -state: one of ${RUN_STATES.join(', ').toLowerCase()}`;
        const kept = (draft.states ?? RUN_STATES).filter((state) => !types.includes(state));
        if (kept.length === 0) return 'at least one state that is left';
        draft.states = kept;
        return null;
      }
      draft.states = union(draft.states, types.filter(isType));
      draft.stateNames = union(
        draft.stateNames,
        types.filter((type) => !isType(type)),
      );
      return null;
    },
    write: (filter) => list('state', [...(filter.states ?? []).map((state) => state.toLowerCase()), ...(filter.stateNames ?? [])]),
  },
  kind: {
    example: 'kind:task',
    help: 'what it executes: a flow, or a task in the background',
    read(draft, values) {
      const kinds = RUN_KINDS.filter((kind) => values.some((value) => value.toLowerCase() === kind));
      if (kinds.length < new Set(values).size) return `one of ${RUN_KINDS.join(', ')}`;
      draft.kinds = union(draft.kinds, kinds);
      return null;
    },
    write: (filter) => list('kind', filter.kinds ?? []),
  },
  flow: listTerm('flow', 'flows', 'weather*', 'a flow, by name or id; * stands for any text'),
  deployment: listTerm('deployment', 'deployments', 'weather/*', 'flow/name or an id; * stands for any text'),
  pool: listTerm('pool', 'pools', 'local', 'a work pool'),
  queue: listTerm('queue', 'queues', 'local/urgent', 'pool/queue'),
  schedule: listTerm('schedule', 'schedules', 'nightly', 'the schedule that made it, by slug or id'),
  agent: listTerm('agent', 'agents', 'builder-1', 'an agent that held an attempt of it'),
  tag: {
    example: 'tag:etl -tag:test',
    help: 'a tag it has; with commas any of them; said twice, both',
    mayNegate: true,
    read(draft, values, { isNegated }) {
      const { all, any, none } = draft.tags ?? {};
      if (isNegated) draft.tags = { ...draft.tags, none: union(none, values) };
      else if (values.length === 1) draft.tags = { ...draft.tags, all: union(all, values) };
      else if (any !== undefined) return 'commas in one tag: term alone';
      else draft.tags = { ...draft.tags, any: union([], values) };
      return null;
    },
    write: ({ tags = {} }) => [
      ...(tags.all ?? []).map((tag) => `tag:${quote(tag)}`),
      // One of one is the same as that one.
      ...list('tag', tags.any ?? []),
      ...list('-tag', tags.none ?? []),
    ],
  },
  name: {
    example: 'name:nightly*',
    help: 'part of its name; with * at the end, its beginning',
    read(draft, values) {
      const [value = ''] = values;
      const prefix = value.endsWith('*') ? value.slice(0, -1) : null;
      if (values.length > 1 || value === '' || prefix === '') return 'one text, such as name:nightly or name:nightly*';
      draft.name = { ...draft.name, ...(prefix === null ? { contains: value } : { prefix }) };
      return null;
    },
    write: ({ name = {} }) => [
      ...(name.contains === undefined ? [] : [`name:${quote(name.contains)}`]),
      ...(name.prefix === undefined ? [] : [`name:${quote(`${name.prefix}*`)}`]),
    ],
  },
  id: runTerm('id', 'ids', 'these runs'),
  parent: runTerm('parent', 'parents', 'runs that these runs started'),
  since: {
    example: 'since:24h',
    help: 'created from then on: a length ago, or an instant',
    read: (draft, values, { nowMs }) => readOneInstant(draft, values, nowMs, 'after'),
    write: () => [],
  },
  until: {
    example: 'until:1h',
    help: 'created before then',
    read: (draft, values, { nowMs }) => readOneInstant(draft, values, nowMs, 'before'),
    write: () => [],
  },
  created: instantTerm('created', '2026-01-01..2026-02-01', 'created within'),
  due: instantTerm('due', '<+2h', 'due within; +2h is in two hours, 2h was two hours ago'),
  started: instantTerm('started', '>1h', 'first started within'),
  ended: instantTerm('ended', '>=2026-01-31T08:00Z', 'ended within'),
  duration: {
    example: 'duration:>5m',
    help: 'from first start to end, or until now: ms, s, m, h, d',
    read(draft, values) {
      const bounds = values.length === 1 ? readBounds(values[0] ?? '', readLength, WHOLE) : null;
      if (bounds === null || bounds === 'alone') return 'a bound or a range, such as duration:>5m or duration:1m..5m';
      draft.durationMs = { ...draft.durationMs, ...bounds };
      return null;
    },
    write: (filter) => one('duration', writeBounds(filter.durationMs ?? {}, writeLength)),
  },
  attempt: {
    example: 'attempt:>1',
    help: 'number of its attempt, from 1; >1 was tried again',
    read(draft, values) {
      const [text = ''] = values;
      const read = (value: string) => (/^\d{1,6}$/.test(value) ? Number(value) : null);
      const bounds = values.length === 1 ? readBounds(text, read, WHOLE) : null;
      if (bounds === null) return 'a number, a bound or a range, such as attempt:2, attempt:>1';
      draft.attempt = { ...draft.attempt, ...(bounds === 'alone' ? { min: Number(text), max: Number(text) } : bounds) };
      return null;
    },
    write: (filter) => one('attempt', writeBounds(filter.attempt ?? {}, String)),
  },
  by: listTerm('by', 'createdBy', 'schedule', 'how it came to be: api, schedule, console, cli, sdk'),
  actor: {
    example: 'actor:usr_01h455vb4pex5vsknk084sn02q',
    help: 'who made it: id of a user or an API key',
    read(draft, values) {
      const ids = values.filter((value) => isId('user', value) || isId('apiKey', value));
      if (ids.length < values.length) return 'ids of users or API keys, such as usr_01h455vb4pex5vsknk084sn02q';
      draft.actors = union(draft.actors, ids);
      return null;
    },
    write: (filter) => list('actor', filter.actors ?? []),
  },
  version: listTerm('version', 'versions', 'sha256:4f2a', 'digest of its code, or the beginning of one'),
  failure: {
    example: 'failure:timed-out',
    help: `why it failed: ${FAILURE_KINDS.join(', ')}`,
    read(draft, values) {
      const kinds = FAILURE_KINDS.filter((kind) => values.some((value) => value.toLowerCase() === kind));
      if (kinds.length < new Set(values).size) return `one of ${FAILURE_KINDS.join(', ')}`;
      draft.failures = union(draft.failures, kinds);
      return null;
    },
    write: (filter) => list('failure', filter.failures ?? []),
  },
  group: {
    example: 'group:fail_01h455vb4pex5vsknk084sn02q',
    help: 'counted in this group of failures',
    read(draft, values) {
      const ids = values.filter((value) => isId('failureGroup', value));
      if (ids.length < values.length) return 'ids of groups of failures, such as fail_01h455vb4pex5vsknk084sn02q';
      draft.groups = union(draft.groups, ids);
      return null;
    },
    write: (filter) => list('group', filter.groups ?? []),
  },
  param: {
    example: 'param:city=Oslo',
    help: 'a parameter it has; the value is JSON, or else a text',
    read(draft, values) {
      // A list's commas are JSON's, not ours.
      const match = /^([^=]+)=(.*)$/s.exec(values.join(','));
      if (!match) return 'a name and a value, such as param:city=Oslo';
      const [, name = '', text = ''] = match;
      draft.parameters = { ...draft.parameters, [name]: jsonOrText(text) };
      return null;
    },
    write: ({ parameters = {} }) => Object.entries(parameters).map(([name, value]) => `param:${quote(`${name}=${JSON.stringify(value)}`)}`),
  },
};

const WHOLE = { next: (value: number) => value + 1, before: (value: number) => value - 1 };

function listTerm(word: string, key: ListKey, example: string, help: string): Term {
  return {
    example: `${word}:${example}`,
    help,
    read(draft, values) {
      draft[key] = union(draft[key], values);
      return null;
    },
    write: (filter) => list(word, filter[key] ?? []),
  };
}

function runTerm(word: string, key: 'ids' | 'parents', help: string): Term {
  return {
    example: `${word}:run_01h455vb4pex5vsknk084sn02q`,
    help,
    read(draft, values) {
      const ids = values.filter((value) => isId('run', value));
      if (ids.length < values.length) return 'ids of runs, such as run_01h455vb4pex5vsknk084sn02q';
      draft[key] = union(draft[key], ids);
      return null;
    },
    write: (filter) => list(word, filter[key] ?? []),
  };
}

function instantTerm(key: InstantKey, example: string, help: string): Term {
  return {
    example: `${key}:${example}`,
    help,
    read(draft, values, { nowMs }) {
      const bounds: Bounds<string> | 'alone' | null =
        values.length === 1 ? readBounds(values[0] ?? '', (text) => readInstant(text, nowMs), null) : null;
      if (bounds === null || bounds === 'alone')
        return `a bound or a range of instants, such as ${key}:>24h or ${key}:2026-01-01..2026-02-01`;
      const { min, max } = bounds;
      draft[key] = { ...draft[key], ...(min === undefined ? {} : { after: min }), ...(max === undefined ? {} : { before: max }) };
      return null;
    },
    write(filter) {
      const { after, before } = filter[key] ?? {};
      if (after === undefined) return before === undefined ? [] : [`${key}:<${before}`];
      return [before === undefined ? `${key}:>=${after}` : `${key}:${after}..${before}`];
    },
  };
}

function readOneInstant(draft: Draft, values: readonly string[], nowMs: number, side: 'after' | 'before'): string | null {
  const at = values.length === 1 ? readInstant(values[0] ?? '', nowMs) : null;
  if (at === null) return 'a length such as 24h or 7d (ago), or an instant such as 2026-01-31T08:00Z';
  draft.created = { ...draft.created, [side]: at };
  return null;
}

function union<T>(before: readonly T[] | undefined, more: readonly T[]): T[] {
  return [...new Set([...(before ?? []), ...more])];
}

function list(word: string, values: readonly string[]): string[] {
  return values.length === 0 ? [] : [`${word}:${values.map(quote).join(',')}`];
}

function one(word: string, value: string | null): string[] {
  return value === null ? [] : [`${word}:${value}`];
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
