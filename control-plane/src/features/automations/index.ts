/** Automations: triggers over events, firings, and actions through an outbox. */
import { addDeployPart } from '../deployments/index.ts';
import { automationsForDeploy } from './of-code.ts';

addDeployPart(automationsForDeploy);

export { startAutomations } from './loop.ts';
export { automationsRouter } from './router.ts';
