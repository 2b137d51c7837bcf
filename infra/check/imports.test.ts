import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ROOT } from '../dev/paths.ts';

/** A small tree of the same shape as the repository; the rules are path patterns, so they hold here too. */
let tree: string;

beforeEach(() => {
  tree = mkdtempSync(join(tmpdir(), 'signalbox-imports-'));
  for (const file of ['tsconfig.base.json', 'tsconfig.cruise.json', 'package.json']) copyFileSync(join(ROOT, file), join(tree, file));
  symlinkSync(join(ROOT, 'node_modules'), join(tree, 'node_modules'));
});
afterEach(() => rmSync(tree, { recursive: true, force: true }));

function write(file: string, text: string): void {
  mkdirSync(dirname(join(tree, file)), { recursive: true });
  writeFileSync(join(tree, file), text);
}

function broken(): string[] {
  const { stdout } = spawnSync(
    process.execPath,
    [join(ROOT, 'node_modules/.bin/depcruise'), '--config', join(ROOT, '.dependency-cruiser.cjs'), '--output-type', 'json', '.'],
    {
      cwd: tree,
      encoding: 'utf8',
    },
  );
  const { summary } = JSON.parse(stdout) as { summary: { violations: { rule: { name: string }; from: string }[] } };
  return summary.violations.map(({ rule, from }) => `${rule.name}: ${from}`).sort();
}

describe('the import rules', () => {
  test('let packages import along the arrows', () => {
    write('proto/src/index.ts', 'export const a = 1;');
    write('agent/src/main.ts', "import { a } from '../../proto/src/index.ts';\nexport const b = a;");
    expect(broken()).toEqual([]);
  });

  test('refuse what points the other way', () => {
    write('agent/src/main.ts', 'export const a = 1;');
    write('proto/src/index.ts', "import { a } from '../../agent/src/main.ts';\nexport const b = a;");
    expect(broken()).toEqual(['proto-imports: proto/src/index.ts']);
  });

  test('keep the domain free of I/O, of Node and of the platform', () => {
    write('control-plane/src/platform/db.ts', 'export const db = 1;');
    write(
      'control-plane/src/domain/rule.ts',
      "import { db } from '../platform/db.ts';\nimport fs from 'node:fs';\nimport pg from 'pg';\nexport const all = [db, fs, pg];",
    );
    expect(broken()).toEqual([
      'domain-is-pure: control-plane/src/domain/rule.ts',
      'domain-libraries: control-plane/src/domain/rule.ts',
      'domain-libraries: control-plane/src/domain/rule.ts',
    ]);
  });

  test('let a feature reach another through its index alone', () => {
    write('control-plane/src/features/runs/index.ts', "export { a } from './store.ts';");
    write('control-plane/src/features/runs/store.ts', 'export const a = 1;');
    write('control-plane/src/features/flows/service.ts', "import { a } from '../runs/index.ts';\nexport const b = a;");
    write('control-plane/src/features/agents/service.ts', "import { a } from '../runs/store.ts';\nexport const b = a;");
    expect(broken()).toEqual(['features-through-index: control-plane/src/features/agents/service.ts']);
  });

  test('give sdk and web the router as a type and nothing else', () => {
    write('control-plane/src/api.ts', 'export type AppRouter = { a: 1 };\nexport const secret = 1;');
    write(
      'sdk/src/client/router.ts',
      "import type { AppRouter } from '../../../control-plane/src/api.ts';\nexport type Router = AppRouter;",
    );
    write('web/src/lib/router.ts', "import { secret } from '../../../control-plane/src/api.ts';\nexport const b = secret;");
    expect(broken()).toEqual(['router-type-only: web/src/lib/router.ts']);
  });

  test('refuse circles', () => {
    write('proto/src/a.ts', "import { b } from './b.ts';\nexport const a = () => b;");
    write('proto/src/b.ts', "import { a } from './a.ts';\nexport const b = () => a;");
    expect(broken()).toEqual(['no-cycle: proto/src/a.ts']);
  });
});
