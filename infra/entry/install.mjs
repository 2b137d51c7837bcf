// Installs the workspace when the tree in node_modules is not the one that package-lock.json describes.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fail, showProgress } from './say.mjs';

const MARKER = 'node_modules/.signalbox-lock-hash';

/** Idempotent: a few milliseconds when the tree is right already. */
export async function ensureInstalled(root) {
  requireNode20();
  const lockText = readFileSync(join(root, 'package-lock.json'), 'utf8');
  const hash = createHash('sha256').update(lockText).digest('hex');
  const marker = join(root, MARKER);
  if (existsSync(marker) && readFileSync(marker, 'utf8') === hash) return;
  const wanted = JSON.parse(lockText).packages;
  if (!isTreeOf(root, wanted)) await install(root, wanted);
  writeFileSync(marker, hash);
}

function requireNode20() {
  const [major = 0] = process.versions.node.split('.').map(Number);
  if (major < 20) fail(`Signalbox needs Node 20 or newer to install itself; this is ${process.version}. Get one from https://nodejs.org`);
}

/** Whether someone (say, `npm install`) has already made the tree of this lock file. npm keeps what it made in a hidden lock file. */
function isTreeOf(root, wanted) {
  const hidden = join(root, 'node_modules/.package-lock.json');
  if (!existsSync(hidden)) return false;
  const present = JSON.parse(readFileSync(hidden, 'utf8')).packages;
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === '' || entry.optional || entry.devOptional) return true;
    const found = present[path];
    return found !== undefined && found.version === entry.version && found.integrity === entry.integrity;
  });
}

async function install(root, wanted) {
  const folders = Object.entries(wanted).filter(([path, entry]) => path.startsWith('node_modules/') && !entry.optional && !entry.link);
  const share = () => folders.filter(([path]) => existsSync(join(root, path, 'package.json'))).length / folders.length;
  const done = showProgress('Installing dependencies', share);
  // Not `npm ci`: it refuses a lock file that was written where a registry lacked binaries of foreign platforms. What the lock
  // file names is installed exactly, and --no-save leaves the file as it is. Warnings are about engines of packages that never
  // run on this Node, since the workspace brings its own; errors stay.
  const { status, output } = await npm(root, ['install', '--no-save', '--no-audit', '--no-fund', '--no-progress', '--loglevel=error']);
  done(status === 0 ? 'done' : 'failed');
  if (status !== 0) fail(explain(output));
}

function npm(root, args) {
  const cli = process.env.npm_execpath;
  const [command, ...before] = cli?.endsWith('.js') ? [process.execPath, cli] : ['npm'];
  return new Promise((settle) => {
    const child = spawn(command, [...before, ...args], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text));
    child.on('error', (error) => settle({ status: 1, output: error.message }));
    child.on('close', (status) => settle({ status: status ?? 1, output }));
  });
}

/** One line out of npm's many: the code and the first sentence that says what went wrong. */
function explain(output) {
  const lines = output
    .split('\n')
    .filter((line) => line.startsWith('npm error'))
    .map((line) => line.slice('npm error'.length).trim());
  const code = lines.find((line) => line.startsWith('code '))?.slice('code '.length);
  const known = {
    ENOSPC: 'the disk is full. Free some space, then run the command again.',
    EACCES: 'this user may not write to the checkout.',
    ENOTFOUND: 'the npm registry cannot be reached. Check the network or the proxy.',
  };
  const said = lines.find((line) => line !== '' && !line.startsWith('code ') && !line.startsWith('A complete log'));
  return `Installing dependencies failed${code ? ` (${code})` : ''}: ${known[code] ?? said ?? (output.trim().split('\n')[0] || 'npm said nothing')}`;
}
