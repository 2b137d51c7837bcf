/** Who a run and a task run are. */

/** The run, the same in all its tasks. */
export interface RunInfo {
  /** `run_...`; of a run without a server `local_...`. */
  readonly id: string;
  readonly name: string;
  /** Number of the claim. At most one epoch of a run counts at any time, and it only goes up. */
  readonly epoch: number;
  /** The epoch as text: give it to systems that can refuse a writer older than the last they saw. */
  readonly fencingToken: string;
  /** 1 for the first attempt of the run. */
  readonly attempt: number;
  readonly flow: string;
  /** Null when it runs without a deployment. */
  readonly deployment: string | null;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly tags: readonly string[];
}

/** The task run that the calling code is in. */
export interface TaskRunInfo {
  /** Number inside the run, from 1 in order of creation. */
  readonly ordinal: number;
  readonly name: string;
  /** Where in the flow it is called: `load#1`, the second of a mapped task `figures#2`, nested `outer#1/inner#1`. */
  readonly key: string;
  readonly attempt: number;
}
