/** Entries as an agent's spool has them, for suites that report. */

/** When everything in them happened. */
export const AT = '2026-11-23T05:00:00.000Z';

/** The run an entry is about. */
export type Told = { run: string; epoch: number };
export const started = (n: number, { run, epoch }: Told) => ({ type: 'run.started', n, run, epoch, at: AT });
export const ended = (n: number, { run, epoch }: Told, more: object = {}) => ({
  type: 'run.ended',
  n,
  run,
  epoch,
  at: AT,
  state: 'COMPLETED',
  ...more,
});
export const task = (n: number, { run, epoch }: Told, more: object = {}) => ({
  type: 'task.state', n, run, epoch, at: AT, ordinal: 1, seq: n, kind: 'task', taskKey: 'extract', name: 'extract', parentOrdinal: null,
  upstream: [], state: 'RUNNING', stateName: 'Running', attempt: 1, startedAt: AT, endedAt: null, ...more,
}); // biome-ignore format: one a line
export const logs = (n: number, { run, epoch }: Told, messages: string[], level = 'info') => ({
  type: 'logs', n, run, epoch, at: AT, lines: messages.map((message) => ({ at: AT, level, stream: 'logger', taskOrdinal: null, message })),
}); // biome-ignore format: one a line
export const artifact = (n: number, { run, epoch }: Told, body: unknown, ordinal = 1) => ({
  type: 'artifact', n, run, epoch, at: AT, ordinal, taskOrdinal: null, kind: 'markdown', key: 'report', description: null, data: { encoding: 'json', body },
}); // biome-ignore format: one a line
