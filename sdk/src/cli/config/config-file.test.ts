import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { configPath, readConfig, writeConfig } from './config-file.ts';

let home = '';
const env = () => ({ XDG_CONFIG_HOME: home });
const config = { current: 'default', profiles: { default: { url: 'http://localhost:4200', apiKey: 'sbk_1' } } };

beforeEach(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'sbx-config-'));
});
afterEach(() => rm(home, { recursive: true, force: true }));

test('what was written is read', async () => {
  await writeConfig(env(), config);
  expect(await readConfig(env())).toEqual(config);
});

test('only its owner may read it, whatever was there before', async () => {
  await mkdir(path.join(home, 'signalbox'), { mode: 0o755 });
  await writeFile(configPath(env()), JSON.stringify(config), { mode: 0o644 });
  await chmod(configPath(env()), 0o644);
  await writeConfig(env(), config);
  expect((await stat(configPath(env()))).mode & 0o777).toBe(0o600);
  expect((await stat(path.dirname(configPath(env())))).mode & 0o777).toBe(0o700);
  expect(await readdir(path.dirname(configPath(env())))).toEqual(['config.json']);
});

test('no file is an empty configuration', async () => {
  expect(await readConfig(env())).toEqual({ current: 'default', profiles: {} });
});

test.each([['{'], ['[]'], ['{"current":1,"profiles":{}}'], ['{"current":"a","profiles":{"a":{}}}']])(
  '%s is refused and left alone',
  async (text) => {
    await mkdir(path.join(home, 'signalbox'));
    await writeFile(configPath(env()), text);
    await expect(readConfig(env())).rejects.toThrow('is not a Signalbox configuration');
    expect(await readFile(configPath(env()), 'utf8')).toBe(text);
  },
);

test('a relative XDG_CONFIG_HOME is ignored', () => {
  expect(configPath({ XDG_CONFIG_HOME: 'here', HOME: '/home/ann' })).toBe('/home/ann/.config/signalbox/config.json');
});
