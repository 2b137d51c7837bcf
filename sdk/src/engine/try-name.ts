import { nameRun, type RunNamer } from '../run-name.ts';
import { describeError } from './failure.ts';

/** A name that cannot be made harms no run: it keeps the one it has, and its log says why. */
export function tryName(namer: RunNamer, given: readonly unknown[]): { name?: string; problem?: string } {
  try {
    return { name: nameRun(namer, given) };
  } catch (error) {
    return { problem: `its run is not named by its runName: ${describeError(error)}` };
  }
}
