/**
 * Keeps the supervisor small: it waits most of its life beside other people's work. Called before anything else is loaded.
 *
 * Measured on Node 24, idle: 89 MB as it comes, 83 without the last optimizer, 78 with a young generation of 1 MiB besides.
 */
import { enableCompileCache } from 'node:module';
import { setFlagsFromString } from 'node:v8';

export function keepSmall(): void {
  for (const flag of ['--no-opt', '--max-semi-space-size=1', '--semi-space-growth-factor=1']) setFlagsFromString(flag);
  // From the second start on, the TypeScript stripper (a WebAssembly program) is not even loaded, if JavaScript came first (bin.mjs).
  enableCompileCache();
}
