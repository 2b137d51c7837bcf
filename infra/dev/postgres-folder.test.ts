import { existsSync, mkdirSync, mkdtempSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ownPostgresFolder } from './postgres-folder.ts';

let folder: string;
let paths: { data: string; postgres: string };

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'signalbox-postgres-folder-'));
  paths = { data: join(folder, 'data'), postgres: join(folder, 'outside', 'postgres') };
  mkdirSync(paths.data);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const cluster = () => join(paths.postgres, 'PG_VERSION');
const makeCluster = () => {
  mkdirSync(paths.postgres, { recursive: true });
  writeFileSync(cluster(), '17');
};

describe('a cluster outside its data folder', () => {
  test('is kept from start to start', () => {
    expect(ownPostgresFolder(paths)).toBe(false);
    makeCluster();
    expect(ownPostgresFolder(paths)).toBe(false);
    expect(existsSync(cluster())).toBe(true);
    expect(readlinkSync(join(paths.data, 'postgres'))).toBe(paths.postgres);
  });

  test('that a deleted checkout left at this path is removed: its secret went with the checkout', () => {
    makeCluster();
    expect(ownPostgresFolder(paths)).toBe(true);
    expect(existsSync(cluster())).toBe(false);
  });

  test('of a data folder from before there were links is kept', () => {
    writeFileSync(join(paths.data, 'secret'), 'a secret');
    makeCluster();
    expect(ownPostgresFolder(paths)).toBe(false);
    expect(existsSync(cluster())).toBe(true);
  });
});

test('a cluster inside its data folder needs no link', () => {
  const inside = { data: paths.data, postgres: join(paths.data, 'postgres') };
  expect(ownPostgresFolder(inside)).toBe(false);
  expect(existsSync(inside.postgres)).toBe(true);
});
