import { expect, test } from 'vitest';
import { exitFailure } from './exit-cause.ts';

const exit = { code: null, signal: null, isWitnessed: true, stderrTail: '' };

test.each([
  [
    { ...exit, code: 1, stderrTail: 'at x\nTypeError: no such thing\n\nNode.js v24.1.0\n' },
    'its process exited with code 1: TypeError: no such thing',
  ],
  [{ ...exit, code: 3 }, 'its process exited with code 3'],
  [{ ...exit, code: 0 }, 'its process exited with code 0 before user code was done; something called process.exit()'],
  [{ ...exit, signal: 'SIGKILL' }, 'killed by SIGKILL (exit code 137): most often the machine or its cgroup ran out of memory'],
  [{ ...exit, signal: 'SIGSEGV' }, 'ended by SIGSEGV'],
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
