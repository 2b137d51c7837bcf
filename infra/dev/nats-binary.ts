/** Finds a `nats-server`, or obtains one without installing anything on the machine. */
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fetchRelease } from './nats-release.ts';
import { cachePath } from './paths.ts';
import { StartError } from './start-error.ts';

export const NATS_VERSION = '2.12.15';
/** Debian 12's; the oldest that the product is tested with. */
const OLDEST: readonly number[] = [2, 9, 10];

export type Obtain = { readonly label: string; readonly get: (into: string) => Promise<string | null> | string | null };

/** Absolute path. `onObtaining` is told before anything slow begins. */
export async function natsBinary(
  onObtaining: (label: string) => void = () => {},
  cache = cachePath(),
  ways: readonly Obtain[] = WAYS,
): Promise<string> {
  const target = join(cache, 'nats-server');
  const present = [onPath('nats-server'), target].find((file) => file !== null && runs(file));
  if (present) return present;
  const problems: string[] = [];
  for (const { label, get } of ways) {
    const draft = mkdtempSync(join(cache, 'nats-'));
    try {
      onObtaining(label);
      const file = await get(draft);
      if (file === null) continue;
      chmodSync(file, 0o755);
      if (!runs(file)) throw new Error('what came does not run here');
      renameSync(file, target);
      return target;
    } catch (error) {
      problems.push(`${label}: ${firstLine(error)}`);
    } finally {
      // Go makes its module cache read-only; leaving a few files behind is no reason to fail.
      rmSync(draft, { recursive: true, force: true, maxRetries: 2 });
    }
  }
  throw new StartError(
    `No nats-server was found and none could be obtained (${problems.join('; ')}). Install nats-server ${OLDEST.join('.')} or newer so that it is on PATH, or set NATS_URL.`,
  );
}

const WAYS: readonly Obtain[] = [
  { label: "the distribution's package", get: fromDistribution },
  { label: 'go install', get: fromGo },
  { label: `the official release ${NATS_VERSION}`, get: (into) => fetchRelease(NATS_VERSION, into) },
];

/** Unpacked, not installed: the package would enable a service on port 4222. Works for any user. */
function fromDistribution(into: string): string | null {
  if (!onPath('apt-get') || !onPath('dpkg')) return null;
  const download = (options: string[]) =>
    spawnSync('apt-get', [...options, 'download', 'nats-server'], { cwd: into, stdio: 'ignore' }).status === 0;
  if (!download([])) {
    // No package lists on this machine, or stale ones: fetch them to folders of our own, for which no rights are needed.
    const options = [
      `Dir::State=${into}/state`,
      `Dir::Cache=${into}/cache`,
      'Dir::State::status=/var/lib/dpkg/status',
      'APT::Sandbox::User=',
    ].flatMap((option) => ['-o', option]);
    for (const folder of ['state/lists/partial', 'cache/archives/partial']) mkdirSync(join(into, folder), { recursive: true });
    execFileSync('apt-get', [...options, 'update'], { stdio: ['ignore', 'ignore', 'pipe'] });
    if (!download(options)) throw new Error('apt-get download failed');
  }
  const archive = readdirSync(into).find((name) => name.endsWith('.deb'));
  if (!archive) throw new Error('apt-get downloaded nothing');
  execFileSync('dpkg', ['-x', archive, 'unpacked'], { cwd: into, stdio: ['ignore', 'ignore', 'pipe'] });
  return (
    ['usr/sbin/nats-server', 'usr/bin/nats-server'].map((file) => join(into, 'unpacked', file)).find((file) => existsSync(file)) ?? null
  );
}

function fromGo(into: string): string | null {
  if (!onPath('go')) return null;
  execFileSync('go', ['install', `github.com/nats-io/nats-server/v2@v${NATS_VERSION}`], {
    env: { ...process.env, GOBIN: into, GOFLAGS: '' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  return join(into, 'nats-server');
}

function onPath(program: string): string | null {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.map((folder) => join(folder, program)).find((file) => existsSync(file)) ?? null;
}

/** Whether it starts here and is new enough. */
function runs(file: string): boolean {
  const { status, stdout } = spawnSync(file, ['--version'], { encoding: 'utf8' });
  const version = /v(\d+)\.(\d+)\.(\d+)/
    .exec(stdout ?? '')
    ?.slice(1)
    .map(Number);
  if (status !== 0 || version === undefined) return false;
  const differs = version.findIndex((part, index) => part !== OLDEST[index]);
  return differs === -1 || (version[differs] ?? 0) > (OLDEST[differs] ?? 0);
}

function firstLine(error: unknown): string {
  const { stderr, message } = error as { stderr?: Buffer; message?: string };
  return (stderr?.toString().trim() || message || String(error)).split('\n')[0] ?? '';
}
