// The door to every npm script: prepares the checkout, then hands over to the workspace's own Node 24.
// Plain JavaScript for Node 20 without a dependency, because nothing is installed when it starts.
//
//   node infra/entry/run.mjs <file> [arguments]     <file> from the root: a script, or a tool's entry in node_modules
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { generateDatabaseClient } from './generate.mjs';
import { ensureInstalled } from './install.mjs';
import { findNode } from './node-binary.mjs';
import { fail } from './say.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/** Prepares, runs `file` with the workspace's Node, and ends this process the way that one ended. */
export async function run(file, args) {
  await ensureInstalled(root);
  const node = await findNode(root);
  await generateDatabaseClient(root, node);
  const path = [dirname(node), join(root, 'node_modules/.bin'), process.env.PATH].join(':');
  const child = spawn(node, [join(root, file), ...args], { cwd: root, stdio: 'inherit', env: { ...process.env, PATH: path } });
  // Ctrl-C reaches the child by itself when it comes from a terminal; a signal sent to this process alone must be passed on.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => fail(`Could not start ${node}: ${error.message}`));
  child.on('exit', (code, signal) => process.exit(signal ? 128 + constants.signals[signal] : (code ?? 1)));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [file, ...args] = process.argv.slice(2);
  if (!file) fail('Usage: node infra/entry/run.mjs <file> [arguments]');
  await run(file, args);
}
