/** Cuts what an agent holds into lists that fit into a message. Pure. */
import { RUNS_PER_MESSAGE, type RunEpoch, type Stretch } from '@signalbox/proto/messages';

export interface HoldingPage {
  readonly holding: Array<RunEpoch & { stalledForMs?: number }>;
  readonly stretch: Stretch;
}

/** What follows `after` by id, as much as one message lists, and which stretch of ids that is. Epochs of one run are not parted. */
export function pageOf(held: ReadonlyArray<RunEpoch & { stalledForMs?: number }>, after: Stretch['after']): HoldingPage {
  const rest = held.filter(({ run }) => after === null || run > after).sort((a, b) => (a.run < b.run ? -1 : 1));
  const holding = rest.slice(0, RUNS_PER_MESSAGE);
  const last = holding.at(-1)?.run ?? null;
  holding.push(...rest.slice(holding.length).filter(({ run }) => run === last));
  return { holding, stretch: { after, upTo: rest.length > holding.length ? last : null } };
}
