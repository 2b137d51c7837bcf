/** `npm run check`: format, lint, types, imports, unused code, dead paths in the docs. Needs no service. Each failure names the command that mends it. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import pc from 'picocolors';
import { ROOT } from '../dev/paths.ts';

type Step = { readonly name: string; readonly command: string; readonly args: readonly string[]; readonly mend: string };

const PACKAGES = ['proto', 'sdk', 'agent', 'control-plane/src', 'control-plane/test', 'web/src', 'infra', 'examples'];
const tool = (name: string): string => join(ROOT, 'node_modules/.bin', name);

const STEPS: readonly Step[] = [
  { name: 'format and lint', command: tool('biome'), args: ['check', '--error-on-warnings', '.'], mend: 'npm run fix' },
  {
    name: 'types',
    command: tool('turbo'),
    args: ['run', 'typecheck', '--concurrency=2', '--continue', '--output-logs=errors-only', '--log-prefix=none'],
    mend: 'change the code, then npm run check',
  },
  {
    name: 'imports',
    command: tool('depcruise'),
    args: ['--config', '.dependency-cruiser.cjs', ...PACKAGES],
    mend: 'move the import the way .dependency-cruiser.cjs says',
  },
  { name: 'unused code', command: tool('knip'), args: [], mend: 'delete what is unused, or name it in knip.json with the reason' },
  {
    name: 'API reference',
    command: process.execPath,
    args: ['infra/docs/write-api-reference.ts', '--check'],
    mend: 'npm run docs:api',
  },
  { name: 'paths in docs', command: process.execPath, args: ['infra/check/dead-paths.ts'], mend: 'correct the path in the document' },
];

const failed: Step[] = [];
for (const step of STEPS) {
  const startedAt = performance.now();
  const { status, output } = await run(step);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(`${status === 0 ? pc.green('✓') : pc.red('✗')} ${step.name} ${pc.dim(`(${seconds} s)`)}`);
  if (status === 0) continue;
  failed.push(step);
  console.log(output.trim());
  console.log(pc.yellow(`To mend: ${step.mend}\n`));
}
if (failed.length > 0) {
  console.error(`check failed: ${failed.map(({ name }) => name).join(', ')}`);
  process.exitCode = 1;
}

/** One at a time: they share two cores on a small machine, and their output stays readable. */
function run({ command, args }: Step): Promise<{ status: number; output: string }> {
  return new Promise((settle) => {
    const env = { ...process.env, TURBO_TELEMETRY_DISABLED: '1', NEXT_TELEMETRY_DISABLED: '1' };
    const child = spawn(command, args, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (output += text.toString('utf8')));
    child.once('error', (error) => settle({ status: 1, output: error.message }));
    child.once('close', (status) => settle({ status: status ?? 1, output }));
  });
}
