/** Under which name a file exports a flow. */
import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { AnyFlow } from './flow-definition.ts';
import { loadModule } from './loading.ts';
import { readFlowFile } from './project/read-flow-file.ts';

/** The export's name, or undefined when the file does not export the flow. @throws what importing the file throws. */
export async function findExport(file: URL, flow: AnyFlow): Promise<string | undefined> {
  if (isProgram(file)) return (await readFlowFile(file.href, process.execArgv)).flows.find(({ name }) => name === flow.name)?.exportName;
  const exports = await loadModule(file.href);
  const { backgroundFlow, isTask } = await import('./background.ts');
  const isIt = (value: unknown) => value === flow || (isTask(value) && backgroundFlow(value) === flow);
  return Object.keys(exports).find((key) => isIt(exports[key]));
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
