/** Under which name a file exports a flow. */
import { execFile } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { AnyFlow } from './flow-definition.ts';
import { loadModule } from './loading.ts';

const LIST_FLOWS = fileURLToPath(new URL('./list-flows.ts', import.meta.url));

/** The export's name, or undefined when the file does not export the flow. @throws what importing the file throws. */
export async function findExport(file: URL, flow: AnyFlow): Promise<string | undefined> {
  if (isProgram(file)) return (await listFlows(file)).find(({ name }) => name === flow.name)?.exportName;
  const exports = await loadModule(file.href);
  return Object.keys(exports).find((key) => exports[key] === flow);
}

/** A program that waits for `serve()` or `deploy()` at its top level is not done being imported: to import it would wait for itself. */
function isProgram(file: URL): boolean {
  const program = process.argv[1];
  if (program === undefined) return false;
  try {
    return realpathSync(program) === realpathSync(fileURLToPath(file));
  } catch {
    return false;
  }
}

async function listFlows(file: URL): Promise<{ exportName: string; name: string }[]> {
  const { stdout } = await promisify(execFile)(process.execPath, [...process.execArgv, LIST_FLOWS, file.href]);
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '[]') as { exportName: string; name: string }[];
}
