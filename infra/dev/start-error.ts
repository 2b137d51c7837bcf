/** A reason not to start that a person can act on: one line, no stack. */
export class StartError extends Error {
  override readonly name = 'StartError';
}

/** What to print for any error: the line of a StartError, one clear line for a full disk, the stack of a surprise. */
export function describeFailure(error: unknown): string {
  if (error instanceof StartError) return error.message;
  const { code, path, stack } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC') return `The disk is full${path ? ` (writing ${path})` : ''}. Free some space, then start again.`;
  if (code === 'EACCES' || code === 'EPERM')
    return `This user may not write ${path ?? 'here'}. Change its owner, or give another folder with --data-dir.`;
  return stack ?? String(error);
}
