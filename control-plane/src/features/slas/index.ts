/** Service levels: what is promised of deployments and assets, and when it was not kept. */
import { addDeployPart } from '../deployments/index.ts';
import { slasForDeploy } from './of-code.ts';

addDeployPart(slasForDeploy);

export { startSlas } from './loop.ts';
export { slasRouter } from './router.ts';
