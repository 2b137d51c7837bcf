#!/usr/bin/env node
// Plain JavaScript, so that an old Node can still read it and say what is wrong. Keep it trivial.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 12)) {
  console.error(`error: signalbox needs Node 22.12 or newer, and this is ${process.versions.node}`);
  process.exit(2);
}
// From a checkout the sources run as they are; the packed package carries main.js instead.
const here = import.meta.url.endsWith('/src/cli/bin.mjs') ? './main.ts' : './main.js';
const { main } = await import(here);
await main(process.argv.slice(2));
