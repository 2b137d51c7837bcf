/**
 * Says in plain words why a process ended, or could not begin: the second witness, for when user code could not tell by
 * itself. Each cause says what to do.
 */
import type { RunFailure } from '@signalbox/proto';
import type { ChildExit } from '../launchers/launcher.ts';

/** What is known besides the exit itself. */
export interface ExitEvidence {
  /** The kernel killed a process of the agent's control group for want of memory while this one ran. */
  readonly oomKilled?: boolean;
}

export function exitFailure(exit: ChildExit, evidence: ExitEvidence = {}): RunFailure {
  return {
    kind: 'crashed',
    message: causeOf(exit, evidence),
    ...(exit.code === null ? {} : { exitCode: exit.code }),
    ...(exit.signal === null ? {} : { signal: exit.signal }),
    ...(exit.stderrTail.trim() === '' ? {} : { stack: lastLines(exit.stderrTail) }),
  };
}

/** What the child said of code that does not load, with what to do in front of it. */
export function loadFailure(failure: RunFailure): RunFailure {
  const known = missingCode(failure.message) ?? PROBLEMS.find(({ pattern }) => pattern.test(failure.message))?.words;
  return known ? { ...failure, message: `${known} (${firstLine(failure.message)})` } : failure;
}

function causeOf(exit: ChildExit, { oomKilled }: ExitEvidence): string {
  const { stderrTail: stderr } = exit;
  if (/heap out of memory|Reached heap limit|Allocation failed - JavaScript/.test(stderr)) {
    return 'out of memory: the JavaScript heap reached its limit; raise it with nodeArgs ["--max-old-space-size=<MiB>"] or use less';
  }
  const signal = exit.signal ?? signalOf(exit.code);
  if (signal === 'SIGKILL' && oomKilled) {
    return 'out of memory: the kernel killed it (oom_kill); give the agent more memory, run fewer at once with --slots, or use less';
  }
  const problem = exit.code === null ? null : (missingCode(stderr) ?? PROBLEMS.find(({ pattern }) => pattern.test(stderr))?.words);
  if (problem) return problem;
  if (!exit.isWitnessed) return 'its process is gone and left no exit status: killed together with its keeper, or the machine restarted';
  if (signal === 'SIGKILL') return 'killed by SIGKILL (exit code 137): most often the machine or its cgroup ran out of memory';
  if (signal !== null) return `ended by ${signal}${SIGNAL_HINTS[signal] ?? ''}`;
  const hint = exit.code === null ? undefined : CODE_HINTS[exit.code];
  if (hint) return hint;
  const said = lastWords(stderr);
  return `its process exited with code ${exit.code}${said ? `: ${said}` : ''}`;
}

/** Code that is not where it should be: the deployment's own file, or something that it imports. */
function missingCode(text: string): string | null {
  const entry = /(\/\S+|[A-Za-z]:\\\S+|package \S+) could not be found/.exec(text);
  const missing = /Cannot find (?:module|package) '([^']+)'/.exec(text);
  const isEntry =
    entry !== null && (missing === null || missing[1] === entry[1] || missing[1]?.endsWith(`/${entry[1]?.replace('package ', '')}`));
  if (isEntry) return `code missing: there is no ${entry[1]} on this agent's machine; put it there, or deploy again from where it is`;
  if (missing) return `module missing: cannot find ${missing[1]}; is it installed where the code is?`;
  return /no such folder/.test(text)
    ? "code missing: the deployment's folder is not on this agent's machine; deploy again from where it is"
    : null;
}

/** What else a text gives away, the first that fits. */
const PROBLEMS: readonly { readonly pattern: RegExp; readonly words: string }[] = [
  { pattern: /ENOSPC/, words: 'the disk is full: make room where the code writes, or write elsewhere' },
  { pattern: /EMFILE|ENFILE/, words: 'too many open files: close what is opened, or raise the limit (ulimit -n) of the agent' },
  { pattern: /expected a flow exported as/, words: 'the file does not export the flow under the name that was deployed: deploy it again' },
];

/** Codes above 128 that a shell gives to what a signal ended. */
function signalOf(code: number | null): string | null {
  return code === null ? null : (CODE_SIGNALS[code] ?? null);
}
const CODE_SIGNALS: { readonly [code: number]: string } = { 134: 'SIGABRT', 137: 'SIGKILL', 139: 'SIGSEGV', 143: 'SIGTERM' };

const SIGNAL_HINTS: { readonly [signal: string]: string } = {
  SIGTERM: ': something other than the agent asked it to stop',
  SIGSEGV: ': most often a native module is broken or built for another Node version; reinstall it where the code is',
  SIGABRT: ': it gave itself up; its last lines say why',
};

const CODE_HINTS: { readonly [code: number]: string } = {
  0: 'its process exited with code 0 before user code was done; something called process.exit()',
  13: 'its process had nothing left to do while the flow still waited (exit code 13): a promise that it awaits is never settled',
  126: 'its program may not be executed (exit code 126): check its permissions on this machine',
  127: 'its program was not found (exit code 127): is Node installed for the user that the agent runs as?',
};

/** The line that names the error, else the last one. */
function lastWords(stderr: string): string {
  const lines = stderr
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^Node\.js v/.test(line));
  return (lines.findLast((line) => /^(?:\w*Error|\[?ERR)\b.*:/.test(line)) ?? lines.at(-1) ?? '').slice(0, 500);
}

function firstLine(text: string): string {
  return (text.split('\n')[0] ?? '').slice(0, 500);
}

function lastLines(stderr: string): string {
  return stderr.replaceAll('\u0000', '\u2400').split('\n').slice(-40).join('\n').slice(-8_000);
}
