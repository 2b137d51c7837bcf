import type { FieldIssue } from '@signalbox/proto';
import { EXIT } from './exit-code.ts';

/** Something this command itself refuses, before or without asking the control plane. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly exitCode: number;
  readonly issues: readonly FieldIssue[];
  /** What to do about it, one line. */
  readonly hint: string | null;

  constructor(message: string, options: { exitCode?: number; issues?: readonly FieldIssue[]; hint?: string; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.exitCode = options.exitCode ?? EXIT.invalidInput;
    this.issues = options.issues ?? [];
    this.hint = options.hint ?? null;
  }
}

/** Ctrl-C, told apart from failures. `message` is what the person should know, if anything. */
export class InterruptedError extends CliError {
  constructor(message = 'interrupted') {
    super(message, { exitCode: EXIT.interrupted });
  }
}
