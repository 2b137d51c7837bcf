import { spawn } from 'node:child_process';
import { CommanderError } from 'commander';
import { createContext } from './context.ts';
import { EXIT } from './exit-code.ts';
import type { Host } from './host.ts';
import { createProgram } from './program.ts';
import type { Outcome } from './verb.ts';
import { bindTo } from './verb.ts';

const LAST_WORD_MS = 500;

/** Runs the command line of this process and ends it with the right code. */
export async function main(argv: readonly string[]): Promise<void> {
  // A reader that has seen enough (`| head`) is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : EXIT.internal));
  const interrupt = new AbortController();
  // An agent has its own way to stop, and needs its time for it.
  if (agentArguments(argv) === null) {
    process.on('SIGINT', () => {
      interrupt.abort();
      // Who watches says a last word; who waits for an answer has none. A second Ctrl-C does not wait for either.
      setTimeout(endNow, LAST_WORD_MS).unref();
      process.once('SIGINT', endNow);
    });
  }
  const host: Host = {
    env: process.env,
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    now: Date.now,
    signal: interrupt.signal,
    openBrowser,
  };
  process.exitCode = await runCli(argv, host);
  // Idle connections of fetch would hold the process for seconds.
  await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
  process.exit();
}

/** One call of the command: arguments without `node signalbox`. Answers the exit code and never throws. */
export async function runCli(argv: readonly string[], host: Host): Promise<number> {
  const outcome: Outcome = { exitCode: EXIT.ok };
  try {
    const forAgent = agentArguments(argv);
    if (forAgent !== null) {
      const { runAgent } = await import('./commands/agent/run-agent.ts');
      return await runAgent(forAgent);
    }
    const program = createProgram(host, bindTo(host, outcome));
    if (argv[0] === 'complete') {
      const { complete } = await import('./completion/complete.ts');
      await complete(program, argv.slice(argv.indexOf('--') + 1), host);
      return EXIT.ok;
    }
    await program.parseAsync([...argv], { from: 'user' });
    return outcome.exitCode;
  } catch (thrown) {
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? EXIT.ok : EXIT.invalidInput;
    const { reportError } = await import('./report-error.ts');
    const early = { debug: argv.includes('--debug'), color: !argv.includes('--no-color') };
    return await reportError(thrown, outcome.context ?? createContext(host, early));
  }
}

/** A live view may have hidden the cursor. */
function endNow(): never {
  if (process.stdout.isTTY) process.stdout.write('\u001b[?25h');
  process.exit(EXIT.interrupted);
}

/** What stands after `agent`: its own command line reads all of it. Null when another command is meant. */
function agentArguments(argv: readonly string[]): readonly string[] | null {
  const first = argv.findIndex((each) => !each.startsWith('-'));
  return argv[first] === 'agent' ? argv.slice(first + 1) : null;
}

function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => stream.write('', () => resolve()));
}

function openBrowser(url: string): void {
  const [command, ...args] =
    process.platform === 'darwin'
      ? ['open', url]
      : process.platform === 'win32'
        ? ['rundll32', 'url.dll,FileProtocolHandler', url]
        : ['xdg-open', url];
  // Whether it worked cannot be known; the address is printed anyway.
  spawn(command ?? 'xdg-open', args, { stdio: 'ignore', detached: true })
    .on('error', () => {})
    .unref();
}
