#!/usr/bin/env node
// Plain JavaScript for any Node: it says so when the version is too old for the rest.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 12)) {
  process.stderr.write(`signalbox-agent needs Node 22.12 or newer; this is ${process.version} (${process.execPath})\n`);
  process.exit(1);
}
const { enableCompileCache } = await import('node:module');
enableCompileCache();
await import('./main.ts');
