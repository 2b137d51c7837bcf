/** Whether this machine and this project's packages can run flows. */
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { SDK_VERSION } from '../../../version.ts';
import type { Finding } from './finding.ts';

export function checkNode(version: string = process.versions.node): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isAtLeast = (wantedMajor: number, wantedMinor: number) => major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
  if (!isAtLeast(22, 12))
    return { check: 'node', status: 'failed', message: `Node ${version}`, hint: 'Signalbox needs Node 22.12 or newer' };
  const strips = isAtLeast(23, 6) || (major === 22 && minor >= 18);
  if (strips) return { check: 'node', status: 'ok', message: `Node ${version}, runs TypeScript as it is` };
  return {
    check: 'node',
    status: 'warning',
    message: `Node ${version} runs no TypeScript`,
    hint: 'use 22.18 or newer, or set a loader such as tsx',
  };
}

/** The project's own copy of the SDK: two different ones in one process would be two sets of code. */
export function checkSdk(root: string): Finding {
  const home = packageHome(root, '@signalbox/sdk');
  if (!home)
    return { check: 'sdk', status: 'failed', message: `@signalbox/sdk is not installed in ${root}`, hint: 'npm install @signalbox/sdk' };
  const version = versionOf(home);
  if (version === SDK_VERSION) return { check: 'sdk', status: 'ok', message: `@signalbox/sdk ${version}` };
  const hint = 'run the command of the project: npx signalbox';
  return {
    check: 'sdk',
    status: 'warning',
    message: `the project has @signalbox/sdk ${version}, and this command is of ${SDK_VERSION}`,
    hint,
  };
}

/** No fault when it is missing: an agent may run on another machine. */
export function checkAgentPackage(root: string): Finding {
  const home = packageHome(root, '@signalbox/agent');
  if (home) return { check: 'agent package', status: 'ok', message: `@signalbox/agent ${versionOf(home)}` };
  return {
    check: 'agent package',
    status: 'ok',
    message: '@signalbox/agent is not installed here: serve() and signalbox agent need it, a deploy does not',
  };
}

function packageHome(root: string, name: string): string | null {
  for (const modules of createRequire(path.join(path.resolve(root), 'package.json')).resolve.paths(name) ?? []) {
    const home = path.join(modules, name);
    if (existsSync(path.join(home, 'package.json'))) return realpathSync(home);
  }
  return null;
}

function versionOf(home: string): string {
  return (JSON.parse(readFileSync(path.join(home, 'package.json'), 'utf8')) as { version: string }).version;
}
