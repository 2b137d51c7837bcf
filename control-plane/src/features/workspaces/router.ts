import { createWorkspaceInput, deleteWorkspaceInput, transferWorkspaceInput, updateWorkspaceInput } from '@signalbox/proto/api';
import { z } from 'zod';
import { command, organizationCommand, personalCommand, personalQuery } from '../../platform/command.ts';
import { deleteWorkspace, restoreWorkspace, transferWorkspace, updateWorkspace } from './change-workspace.ts';
import { createWorkspace, listWorkspaces } from './service.ts';

export const workspacesRouter = {
  list: personalQuery({ input: z.void(), run: listWorkspaces }),
  create: organizationCommand({
    scope: 'organization:workspaces',
    action: 'workspace.create',
    input: createWorkspaceInput,
    run: createWorkspace,
  }),
  update: command({ scope: 'workspace:write', action: 'workspace.update', input: updateWorkspaceInput, run: updateWorkspace }),
  delete: command({ scope: 'workspace:delete', action: 'workspace.delete', input: deleteWorkspaceInput, run: deleteWorkspace }),
  restore: command({ scope: 'workspace:delete', action: 'workspace.restore', input: z.void(), run: restoreWorkspace }),
  transfer: personalCommand({ action: 'workspace.transfer', input: transferWorkspaceInput, run: transferWorkspace }),
};
