import { expect, test } from 'vitest';
import { exitFailure, loadFailure } from './exit-cause.ts';

const exit = { code: null, signal: null, isWitnessed: true, stderrTail: '' };

test.each([
  [
    { ...exit, code: 1, stderrTail: 'at x\nTypeError: no such thing\n\nNode.js v24.1.0\n' },
    'its process exited with code 1: TypeError: no such thing',
  ],
  [{ ...exit, code: 3 }, 'its process exited with code 3'],
  [{ ...exit, code: 0 }, 'its process exited with code 0 before user code was done; something called process.exit()'],
  [{ ...exit, signal: 'SIGKILL' }, 'killed by SIGKILL (exit code 137): most often the machine or its cgroup ran out of memory'],
  [{ ...exit, code: 137 }, 'killed by SIGKILL (exit code 137): most often the machine or its cgroup ran out of memory'],
  [{ ...exit, signal: 'SIGUSR1' }, 'ended by SIGUSR1'],
  [{ ...exit, signal: 'SIGTERM' }, 'ended by SIGTERM: something other than the agent asked it to stop'],
  [
    { ...exit, code: 139 },
    'ended by SIGSEGV: most often a native module is broken or built for another Node version; reinstall it where the code is',
  ],
  [
    { ...exit, code: 13 },
    'its process had nothing left to do while the flow still waited (exit code 13): a promise that it awaits is never settled',
  ],
  [{ ...exit, code: 127 }, 'its program was not found (exit code 127): is Node installed for the user that the agent runs as?'],
  [
    { ...exit, code: 1, stderrTail: "Error: ENOSPC: no space left on device, write '/data/x'" },
    'the disk is full: make room where the code writes, or write elsewhere',
  ],
  [
    { ...exit, isWitnessed: false },
    'its process is gone and left no exit status: killed together with its keeper, or the machine restarted',
  ],
  [
    { ...exit, signal: 'SIGABRT', stderrTail: 'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory' },
    'out of memory: the JavaScript heap reached its limit; raise it with nodeArgs ["--max-old-space-size=<MiB>"] or use less',
  ],
  [
    { ...exit, code: 1, stderrTail: "Error: Cannot find package 'zod' imported from /x" },
    'module missing: cannot find zod; is it installed where the code is?',
  ],
])('the exit %o is told in plain words', (given, words) => {
  expect(exitFailure(given).message).toBe(words);
});

test('a kill that the kernel counted as one for memory is told as such', () => {
  const words = 'out of memory: the kernel killed it (oom_kill); give the agent more memory, run fewer at once with --slots, or use less';
  expect(exitFailure({ ...exit, signal: 'SIGKILL' }, { oomKilled: true }).message).toBe(words);
  expect(exitFailure({ ...exit, code: 137 }, { oomKilled: true }).message).toBe(words);
  expect(exitFailure({ ...exit, code: 1 }, { oomKilled: true }).message).toBe('its process exited with code 1');
});

test.each([
  [
    "/srv/flows/report.ts could not be found: Cannot find module '/srv/flows/report.ts' imported from /sdk/load.js",
    "code missing: there is no /srv/flows/report.ts on this agent's machine; put it there, or deploy again from where it is",
  ],
  [
    "/srv/flows/report.ts could not be found: Cannot find package 'zod' imported from /srv/flows/report.ts",
    'module missing: cannot find zod; is it installed where the code is?',
  ],
  [
    '/srv/flows/report.ts: expected a flow exported as "report", but it exports no flow',
    'the file does not export the flow under the name that was deployed: deploy it again',
  ],
  ['/srv/flows: no such folder', "code missing: the deployment's folder is not on this agent's machine; deploy again from where it is"],
])('code that does not load (%s) is told with what to do', (message, words) => {
  expect(loadFailure({ kind: 'crashed', message }).message).toBe(`${words} (${message})`);
});

test('what is not known is told as it came', () => {
  expect(loadFailure({ kind: 'crashed', message: 'x is not defined' }).message).toBe('x is not defined');
});
