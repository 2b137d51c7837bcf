import { CliError, InterruptedError } from '../../cli-error.ts';
import type { Context } from '../../context.ts';

const MAX_CHARACTERS = 1_000;

/** A secret from a pipe, or typed at a terminal without being shown. */
export async function readSecret(context: Context, prompt: string): Promise<string> {
  const { stdin, stderr, signal } = context.host;
  if (stdin.isTTY) stderr.write(prompt);
  const terminal = stdin.isTTY ? (stdin as typeof stdin & { setRawMode?: (raw: boolean) => void }) : null;
  terminal?.setRawMode?.(true);
  let text = '';
  const onAbort = () => stdin.destroy();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    for await (const chunk of stdin) {
      for (const char of String(chunk)) {
        if (terminal && char === '\u0003') throw new InterruptedError('not signed in');
        if (terminal && (char === '\u007f' || char === '\b')) text = text.slice(0, -1);
        else if (terminal && (char === '\r' || char === '\n' || char === '\u0004')) return text.trim();
        else text += char;
      }
      if (text.length > MAX_CHARACTERS) throw new CliError('that is no API key: it is too long');
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
    terminal?.setRawMode?.(false);
    if (terminal) stderr.write('\n');
  }
  return text.trim();
}
