/**
 * Where blockers come from, in the order in which they are shown. A feature that can keep a run waiting writes a source
 * in a file of its own and adds it here.
 */
import type { BlockerSource } from './blocker-source.ts';
import { childBlockers } from './child-source.ts';
import { dispatchBlockers } from './dispatch-source.ts';
import { limitBlockers } from './limit-source.ts';
import { stateBlockers } from './state-blockers.ts';

export const BLOCKER_SOURCES: readonly BlockerSource[] = [stateBlockers, dispatchBlockers, limitBlockers, childBlockers];
