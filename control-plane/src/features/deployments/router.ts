import { deployInput, deploymentRefInput, listDeploymentsInput } from '@signalbox/proto/api';
import { command, query } from '../../platform/command.ts';
import { deleteDeployment } from './delete-deployment.ts';
import { deploy } from './deploy.ts';
import { getDeployment, listDeployments, pauseDeployment, resumeDeployment } from './service.ts';

export const deploymentsRouter = {
  deploy: command({ scope: 'deployments:write', action: 'deployment.deploy', input: deployInput, run: deploy }),
  list: query({ scope: 'deployments:read', input: listDeploymentsInput, run: listDeployments }),
  get: query({ scope: 'deployments:read', input: deploymentRefInput, run: getDeployment }),
  pause: command({ scope: 'deployments:operate', action: 'deployment.pause', input: deploymentRefInput, run: pauseDeployment }),
  resume: command({ scope: 'deployments:operate', action: 'deployment.resume', input: deploymentRefInput, run: resumeDeployment }),
  delete: command({ scope: 'deployments:write', action: 'deployment.delete', input: deploymentRefInput, run: deleteDeployment }),
};
