/** The headless browser of the end-to-end tests: CHROMIUM_PATH, one that the system has, else the distribution's package when we are root. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { isRoot } from '../dev/paths.ts';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'chrome'];
const MACOS = ['/Applications/Google Chrome.app/Contents/MacOS/Google Chrome', '/Applications/Chromium.app/Contents/MacOS/Chromium'];

/** Path of a browser that is there, or null. */
export function findChromium(env = process.env): string | null {
  if (env['CHROMIUM_PATH']) return existsSync(env['CHROMIUM_PATH']) ? env['CHROMIUM_PATH'] : null;
  const folders = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return [...folders.flatMap((folder) => NAMES.map((name) => join(folder, name))), ...MACOS].find((file) => existsSync(file)) ?? null;
}

/** Installs one when there is none and it can be done; null when it cannot. */
export function obtainChromium(say: (line: string) => void): string | null {
  const found = findChromium();
  if (found || process.env['CHROMIUM_PATH'] || !isRoot() || !existsSync('/usr/bin/apt-get')) return found;
  say('Installing Chromium from the distribution (a minute) ...');
  const install = () =>
    spawnSync('apt-get', ['install', '-y', '--no-install-recommends', 'chromium', 'fonts-dejavu-core'], {
      stdio: 'ignore',
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    }).status === 0;
  if (!install()) {
    spawnSync('apt-get', ['update'], { stdio: 'ignore' });
    install();
  }
  return findChromium();
}
