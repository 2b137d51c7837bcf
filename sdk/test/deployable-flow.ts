import { defineDeployments, flow } from '../src/index.ts';

export const report = flow({ name: 'report' }, async () => 'done');

export const deployments = defineDeployments([report.deployment({ name: 'nightly', pool: 'local', root: '.' })]);
