import {
  deployInput,
  deploymentRefInput,
  listDeploymentsInput,
  listVersionsInput,
  pauseDeploymentInput,
  resetOverlayInput,
  rollbackInput,
  setOverlayInput,
} from '@signalbox/proto/api';
import { command, query, rehearsal, sqlQuery } from '../../platform/command.ts';
import { deleteDeployment } from './delete-deployment.ts';
import { deploy } from './deploy.ts';
import { describeDeployment } from './describe.ts';
import { pauseDeployment, resetOverlay, resumeDeployment, setOverlay } from './overlay.ts';
import { getDeployment, listDeployments } from './service.ts';
import { listVersions, rollback } from './versions.ts';

export const deploymentsRouter = {
  deploy: command({ scope: 'deployments:write', action: 'deployment.deploy', input: deployInput, run: deploy }),
  plan: rehearsal({ scope: 'deployments:write', input: deployInput, run: deploy }),
  list: sqlQuery({ scope: 'deployments:read', single: true, input: listDeploymentsInput, run: listDeployments }),
  get: sqlQuery({ scope: 'deployments:read', single: true, input: deploymentRefInput, run: getDeployment }),
  describe: query({ scope: 'deployments:read', single: true, input: deploymentRefInput, run: describeDeployment }),
  pause: command({
    scope: 'deployments:operate',
    single: true,
    action: 'deployment.pause',
    input: pauseDeploymentInput,
    run: pauseDeployment,
  }),
  resume: command({
    scope: 'deployments:operate',
    single: true,
    action: 'deployment.resume',
    input: deploymentRefInput,
    run: resumeDeployment,
  }),
  setOverlay: command({
    scope: 'deployments:operate',
    single: true,
    action: 'deployment.set-overlay',
    input: setOverlayInput,
    run: setOverlay,
  }),
  resetOverlay: command({
    scope: 'deployments:operate',
    single: true,
    action: 'deployment.reset-overlay',
    input: resetOverlayInput,
    run: resetOverlay,
  }),
  versions: query({ scope: 'deployments:read', single: true, input: listVersionsInput, run: listVersions }),
  rollback: command({ scope: 'deployments:write', single: true, action: 'deployment.rollback', input: rollbackInput, run: rollback }),
  delete: command({
    scope: 'deployments:write',
    single: true,
    action: 'deployment.delete',
    input: deploymentRefInput,
    run: deleteDeployment,
  }),
};
