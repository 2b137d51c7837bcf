// Generates the database client from control-plane/prisma when the schema has changed since the last time.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fail } from './say.mjs';

const SCHEMA = 'control-plane/prisma';
const OUTPUT = 'control-plane/src/generated/prisma';

/** Idempotent: reads the schema files and returns when their hash is the one generated from. */
export async function generateDatabaseClient(root, node) {
  const files = readdirSync(join(root, SCHEMA), { recursive: true })
    .filter((name) => name.endsWith('.prisma'))
    .sort();
  const hash = createHash('sha256').update(readFileSync(join(root, 'node_modules/prisma/package.json')));
  for (const name of files) hash.update(`${name}\0`).update(readFileSync(join(root, SCHEMA, name)));
  const wanted = hash.digest('hex');
  const marker = join(root, dirname(OUTPUT), '.schema-hash');
  if (existsSync(join(root, OUTPUT)) && existsSync(marker) && readFileSync(marker, 'utf8') === wanted) return;

  // `generate` never starts the native schema engine but insists on finding one; any file will do, and nothing is downloaded.
  const env = { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: node, PRISMA_HIDE_UPDATE_MESSAGE: '1', CHECKPOINT_DISABLE: '1' };
  const { status, stdout, stderr } = spawnSync(node, [join(root, 'node_modules/prisma/build/index.js'), 'generate'], {
    cwd: join(root, 'control-plane'),
    env,
    encoding: 'utf8',
  });
  if (status !== 0) fail(`\`prisma generate\` failed:\n${stderr.trim() || stdout.trim()}`);
  mkdirSync(dirname(marker), { recursive: true });
  writeFileSync(marker, wanted);
}
