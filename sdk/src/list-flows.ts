/** A program: prints the flows that a file exports, as JSON in its last line. `node list-flows.ts file:///flow.ts` */
import { isFlow } from './flow-definition.ts';
import { loadModule } from './loading.ts';

const exports = await loadModule(process.argv[2] ?? '');
const flows = Object.entries(exports).flatMap(([exportName, value]) => (isFlow(value) ? [{ exportName, name: value.name }] : []));
process.stdout.write(`\n${JSON.stringify(flows)}\n`, () => process.exit(0));
