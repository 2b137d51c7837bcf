import { concurrency, defineDeployments, flow, limit } from '../src/index.ts';

const warehouse = limit({ name: 'warehouse', slots: 2 });

export const limited = flow({ name: 'limited' }, () => concurrency(warehouse, async () => 'done'));

export const deployments = defineDeployments([limited.deployment({ name: 'nightly', pool: 'local', root: '.' })]);
