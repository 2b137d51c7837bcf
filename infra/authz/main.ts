/**
 * `npm run authz`: builds and asks the whole matrix (every procedure, route, subject and download; every role; one's own,
 * another workspace, another organization, no credential), puts strangers' ids into every field, and measures that known and
 * unknown take the same time. The last line is `{"rules":N,"cases":N,"failures":0}`.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { natsBinary } from '../dev/nats-binary.ts';
import { ROOT } from '../dev/paths.ts';

type Tallied = { readonly suite: string; readonly rules: number; readonly cases: number };

const folder = mkdtempSync(join(tmpdir(), 'signalbox-authz-'));
const [tally, report] = [join(folder, 'tally'), join(folder, 'report.json')];
try {
  await natsBinary((label) => console.error(`Obtaining nats-server: ${label} ...`));
  const code = await vitest();
  const suites = lines(tally);
  for (const { suite, rules, cases } of suites) console.error(`${suite}: ${rules} rules, ${cases} cases`);
  const { numFailedTests = 0, numFailedTestSuites = 0 } = JSON.parse(readFileSync(report, 'utf8')) as Record<string, number>;
  // A suite that could not run is a failure, though no test of it failed.
  const failures = numFailedTests > 0 ? numFailedTests : numFailedTestSuites > 0 || code !== 0 ? 1 : 0;
  const sum = (of: 'rules' | 'cases') => suites.reduce((total, suite) => total + suite[of], 0);
  console.log(JSON.stringify({ rules: sum('rules'), cases: sum('cases'), failures }));
  process.exitCode = failures === 0 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function vitest(): Promise<number> {
  const args = ['run', '--config', 'infra/authz/vitest.config.ts', '--reporter=default', '--reporter=json', `--outputFile=${report}`];
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join(ROOT, 'node_modules/vitest/vitest.mjs'), ...args], {
      cwd: ROOT,
      // Its own output goes beside ours: the last line of standard output is the answer.
      stdio: ['ignore', process.stderr, 'inherit'],
      env: { ...process.env, SIGNALBOX_AUTHZ_TALLY: tally },
    });
    child.once('close', (code) => resolve(code ?? 1));
  });
}

function lines(path: string): Tallied[] {
  const text = readFileSync(path, 'utf8').trim();
  return text.split('\n').map((line) => JSON.parse(line) as Tallied);
}
