/** In which file a task was declared: an isolated task is imported from there. */
import { pathToFileURL } from 'node:url';

/**
 * Looks at who called `above`, and says later in which file that is: an address, or null for code without a file. Cheap
 * until it is asked, since the stack is made into text only then.
 */
export function declaredIn(above: (...args: never[]) => unknown): () => string | null {
  const { stackTraceLimit } = Error;
  const at: { stack?: unknown } = {};
  Error.stackTraceLimit = 1;
  Error.captureStackTrace(at, above);
  Error.stackTraceLimit = stackTraceLimit;
  let known: string | null | undefined;
  return () => {
    known ??= fileOf(at);
    return known;
  };
}

function fileOf(at: { stack?: unknown }): string | null {
  const { prepareStackTrace } = Error;
  Error.prepareStackTrace = (_, [site]) => site?.getFileName() ?? null;
  try {
    const file = at.stack;
    if (typeof file !== 'string') return null;
    if (file.startsWith('file:')) return file.replace(/[?#].*$/, '');
    return file.startsWith('/') || /^[A-Za-z]:[\\/]/.test(file) ? pathToFileURL(file).href : null;
  } finally {
    Error.prepareStackTrace = prepareStackTrace;
  }
}
