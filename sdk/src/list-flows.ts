/** A program: prints what a file exports, as JSON in its last line. `node list-flows.ts file:///flow.ts` */

import { isDeployment } from './deployment.ts';
import { FLOW, isFlow } from './flow-definition.ts';
import { loadModule } from './loading.ts';

export interface ListedFlow {
  readonly exportName: string;
  readonly name: string;
  readonly description: string;
}

/** What one file exports, or why it cannot be imported. */
export interface FlowFile {
  readonly flows: readonly ListedFlow[];
  /** `flow/name` of each. */
  readonly deployments: readonly string[];
  /** Names of all its exports. */
  readonly exports: readonly string[];
  readonly problem: { readonly code: string | null; readonly message: string } | null;
}

const answer = await read(process.argv[2] ?? '');
process.stdout.write(`\n${JSON.stringify(answer)}\n`, () => process.exit(0));

async function read(url: string): Promise<FlowFile> {
  try {
    const exports = await loadModule(url);
    const flows = Object.entries(exports).flatMap(([exportName, value]) =>
      isFlow(value) ? [{ exportName, name: value.name, description: value[FLOW].description }] : [],
    );
    const deployments = new Set(Object.values(exports).flat().filter(isDeployment));
    const names = [...deployments].map(({ flow, options }) => `${flow.name}/${options.name}`);
    return { flows, deployments: names, exports: Object.keys(exports), problem: null };
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    const message = error instanceof Error ? error.message : String(error);
    return { flows: [], deployments: [], exports: [], problem: { code: typeof code === 'string' ? code : null, message } };
  }
}
