import type { ErrorCode } from '@signalbox/proto';
import type { SignalboxError } from '../client/index.ts';

/** What the command's exit status says. Scripts rely on it: a number is never given a second meaning. */
export const EXIT = {
  ok: 0,
  /** With `--watch`: the run ended, and not as Completed. */
  runNotCompleted: 1,
  /** Wrong usage, or an input the control plane refused. */
  invalidInput: 2,
  /** Not signed in, or not allowed. */
  notAllowed: 3,
  notFound: 4,
  /** The thing is not in the state that this needs, or somebody was faster. */
  conflict: 5,
  /** The control plane cannot be reached, or asks to try again later. */
  unavailable: 6,
  /** A fault of Signalbox itself. */
  internal: 70,
  /** Ctrl-C, as shells count it: 128 + SIGINT. */
  interrupted: 130,
} as const;

const EXIT_OF_CODE: Record<ErrorCode, number> = {
  INVALID_INPUT: EXIT.invalidInput,
  UNAUTHENTICATED: EXIT.notAllowed,
  FORBIDDEN: EXIT.notAllowed,
  NOT_FOUND: EXIT.notFound,
  CONFLICT: EXIT.conflict,
  PRECONDITION_FAILED: EXIT.conflict,
  LIMIT_EXCEEDED: EXIT.unavailable,
  UNAVAILABLE: EXIT.unavailable,
  INTERNAL: EXIT.internal,
};

export function exitCodeOf(error: SignalboxError): number {
  return EXIT_OF_CODE[error.code];
}

/** For the end of `signalbox --help`. */
export const EXIT_CODE_HELP = `Exit codes:
  0  ok                               4  not found
  1  the run did not complete         5  conflict, or not in the state this needs
  2  wrong usage or invalid input     6  unreachable, or too busy: try again
  3  not signed in, or not allowed    130  interrupted`;
