/** Says in plain words why a process ended: the second witness, for when user code could not tell by itself. */
import type { RunFailure } from '@signalbox/proto';
import type { ChildExit } from '../launchers/launcher.ts';

export function exitFailure(exit: ChildExit): RunFailure {
  return {
    kind: 'crashed',
    message: cause(exit),
    ...(exit.code === null ? {} : { exitCode: exit.code }),
    ...(exit.signal === null ? {} : { signal: exit.signal }),
    ...(exit.stderrTail.trim() === '' ? {} : { stack: lastLines(exit.stderrTail) }),
  };
}

function cause(exit: ChildExit): string {
  const { stderrTail: stderr } = exit;
  if (/heap out of memory|Reached heap limit|Allocation failed - JavaScript/.test(stderr)) {
    return 'out of memory: the JavaScript heap reached its limit; raise it with nodeArgs ["--max-old-space-size=<MiB>"] or use less';
  }
  const missing = /Cannot find (?:module|package) '([^']+)'/.exec(stderr);
  if (missing && exit.code !== null) return `module missing: cannot find ${missing[1]}; is it installed where the code is?`;
  if (!exit.isWitnessed) return 'its process is gone and left no exit status: killed together with its keeper, or the machine restarted';
  if (exit.signal === 'SIGKILL') return 'killed by SIGKILL (exit code 137): most often the machine or its cgroup ran out of memory';
  if (exit.signal !== null) return `ended by ${exit.signal}`;
  if (exit.code === 0) return 'its process exited with code 0 before user code was done; something called process.exit()';
  const said = lastWords(stderr);
  return `its process exited with code ${exit.code}${said ? `: ${said}` : ''}`;
}

/** The line that names the error, else the last one. */
function lastWords(stderr: string): string {
  const lines = stderr
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^Node\.js v/.test(line));
  return (lines.findLast((line) => /^(?:\w*Error|\[?ERR)\b.*:/.test(line)) ?? lines.at(-1) ?? '').slice(0, 500);
}

function lastLines(stderr: string): string {
  return stderr.replaceAll('\u0000', '\u2400').split('\n').slice(-40).join('\n').slice(-8_000);
}
