/** The official release of nats-server, checked against the checksums published with it. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const RELEASES = 'https://github.com/nats-io/nats-server/releases/download';
const FETCH_MS = 120_000;

/** Path of the program, unpacked below `into`. */
export async function fetchRelease(version: string, into: string, releases = RELEASES): Promise<string> {
  const architecture = process.arch === 'x64' ? 'amd64' : process.arch;
  const name = `nats-server-v${version}-${process.platform}-${architecture}`;
  const archive = await download(`${releases}/v${version}/${name}.tar.gz`);
  const sums = await download(`${releases}/v${version}/SHA256SUMS`);
  const expected = sums
    .toString('utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .find(([, file]) => file === `${name}.tar.gz`)?.[0];
  const actual = createHash('sha256').update(archive).digest('hex');
  if (expected !== actual) throw new Error(`checksum of ${name}.tar.gz is ${actual}, expected ${expected ?? 'one in SHA256SUMS'}`);
  const file = join(into, 'release.tar.gz');
  writeFileSync(file, archive);
  execFileSync('tar', ['-xzf', file, '-C', into], { stdio: ['ignore', 'ignore', 'pipe'] });
  return join(into, name, 'nats-server');
}

async function download(url: string): Promise<Buffer> {
  const reply = await fetch(url, { signal: AbortSignal.timeout(FETCH_MS) });
  if (!reply.ok) throw new Error(`${url} answered ${reply.status}`);
  return Buffer.from(await reply.arrayBuffer());
}
