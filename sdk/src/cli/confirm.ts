import { createInterface } from 'node:readline/promises';
import { CliError, InterruptedError } from './cli-error.ts';
import type { Context } from './context.ts';

/**
 * Asks before something is destroyed. Without a terminal nobody can answer, so `--yes` must have.
 * @throws CliError when the answer is no, or there is nobody to ask.
 */
export async function confirm(context: Context, question: string, options: { yes?: boolean }): Promise<void> {
  if (options.yes) return;
  const { stdin, stderr, signal } = context.host;
  if (!stdin.isTTY || !stderr.isTTY) {
    throw new CliError(`${question.replace(/\?$/, '')}: not confirmed`, { hint: 'add --yes to do it without being asked' });
  }
  const answer = await ask(context, `${question} [y/N] `);
  if (signal.aborted) throw new InterruptedError();
  if (!/^y(es)?$/i.test(answer.trim())) throw new CliError('nothing was changed', { hint: 'answer y, or add --yes' });
}

/** One line from the terminal. @throws InterruptedError on Ctrl-C. */
export async function ask(context: Context, prompt: string): Promise<string> {
  const { stdin, stderr, signal } = context.host;
  const lines = createInterface({ input: stdin, output: stderr, terminal: true });
  const interrupted = new AbortController();
  lines.on('SIGINT', () => interrupted.abort());
  try {
    return await lines.question(prompt, { signal: AbortSignal.any([signal, interrupted.signal]) });
  } catch (error) {
    if (interrupted.signal.aborted || signal.aborted) throw new InterruptedError();
    throw error;
  } finally {
    lines.close();
  }
}
