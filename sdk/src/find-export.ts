/** Under which name a file exports a flow. */
import type { AnyFlow } from './flow-definition.ts';
import { loadModule } from './loading.ts';
import { isProgram } from './program-file.ts';
import { readFlowFile } from './project/read-flow-file.ts';

/** The export's name, or undefined when the file does not export the flow. @throws what importing the file throws. */
export async function findExport(file: URL, flow: AnyFlow): Promise<string | undefined> {
  // A program that waits for `serve()` or `deploy()` at its top level is not done being imported: to import it would wait for itself.
  if (isProgram(file)) {
    const { flows, problem } = await readFlowFile(file.href, process.execArgv);
    if (problem) throw new Error(`${file.href}: ${problem.message}`);
    return flows.find(({ name }) => name === flow.name)?.exportName;
  }
  const exports = await loadModule(file.href);
  const { backgroundFlow, isTask } = await import('./background.ts');
  const isIt = (value: unknown) => value === flow || (isTask(value) && backgroundFlow(value) === flow);
  return Object.keys(exports).find((key) => isIt(exports[key]));
}
