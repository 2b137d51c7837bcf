import { createWorkspaceInput } from '@signalbox/proto/api';
import { z } from 'zod';
import { personalCommand, personalQuery } from '../../platform/command.ts';
import { createWorkspace, listWorkspaces } from './service.ts';

export const workspacesRouter = {
  list: personalQuery({ input: z.void(), run: listWorkspaces }),
  create: personalCommand({ action: 'workspace.create', input: createWorkspaceInput, run: createWorkspace }),
};
