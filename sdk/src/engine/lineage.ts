/** Which assets a task run makes, and what they are made from. Loaded by the first task that has any. */
import type { Asset } from '../asset.ts';
import { toAsset } from '../asset.ts';
import type { TaskDefinition } from '../task-definition.ts';
import type { RunSession, TaskRunRecord } from './session.ts';

/** The wire's bound. */
const UPSTREAM_MAX = 100;

/** URIs that come with the result of a task run: its own assets, or, where it makes none, those that came with what it took. */
const lineages = new WeakMap<RunSession, Map<number, readonly string[]>>();

export class TaskLineage {
  readonly #session: RunSession;
  readonly #record: TaskRunRecord;
  readonly #assets: readonly Asset[];
  readonly #upstream: readonly string[];

  /** `args`: resolved. What it took has ended, and has its lineage. */
  constructor(session: RunSession, task: TaskDefinition, record: TaskRunRecord, args: readonly unknown[]) {
    const known = lineages.get(session) ?? new Map<number, readonly string[]>();
    lineages.set(session, known);
    const owner = `task "${task.name}": assets`;
    const { assets = [], assetDeps = [] } = task.assets ?? {};
    const own = typeof assets === 'function' ? assets(...(args as never[])) : assets;
    this.#session = session;
    this.#record = record;
    this.#assets = own.map((ref) => toAsset(ref, owner));
    const taken = record.upstream.flatMap((ordinal) => known.get(ordinal) ?? []);
    const uris = this.#assets.map(({ uri }) => uri);
    const upstream = new Set([...taken, ...assetDeps.map((ref) => toAsset(ref, owner).uri)]);
    this.#upstream = [...upstream].filter((uri) => !uris.includes(uri)).slice(0, UPSTREAM_MAX);
    known.set(record.ordinal, uris.length > 0 ? uris : this.#upstream);
  }

  /** Tells of its assets when it has ended: made, or not. A cached result made nothing, and a cancelled one says nothing. */
  tell(): void {
    const { state, stateName, name } = this.#record;
    const outcome = state === 'COMPLETED' && stateName !== 'Cached' ? 'materialized' : state === 'FAILED' ? 'failed' : null;
    if (outcome === null) return;
    const facts = this.#session.assetFacts.get(this.#record);
    for (const { uri, name: called = null, description = null, url = null, owners } of this.#assets) {
      const words = { name: called, description, url, owners, taskRun: name };
      const body = { asset: uri, outcome, ...words, metadata: facts?.get(uri) ?? {}, upstream: this.#upstream };
      this.#session.artifact({ kind: 'asset', key: null, description: null }, body, this.#record);
    }
  }
}
