#!/usr/bin/env node
// Plain JavaScript, so that an old Node can still read it and say what is wrong. Keep it trivial.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 12)) {
  console.error(`error: signalbox needs Node 22.12 or newer, and this is ${process.versions.node}`);
  process.exit(2);
}
// Sources run as they are; packing for npm writes main.js here.
const { main } = await import('./main.ts');
await main(process.argv.slice(2));
