import { createWorkspaceInput } from '@signalbox/proto/api';
import { z } from 'zod';
import { organizationCommand, personalQuery } from '../../platform/command.ts';
import { createWorkspace, listWorkspaces } from './service.ts';

export const workspacesRouter = {
  list: personalQuery({ input: z.void(), run: listWorkspaces }),
  create: organizationCommand({
    scope: 'organization:workspaces',
    action: 'workspace.create',
    input: createWorkspaceInput,
    run: createWorkspace,
  }),
};
