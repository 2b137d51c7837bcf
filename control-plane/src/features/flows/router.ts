import { pageInput } from '@signalbox/proto/api';
import { z } from 'zod';
import { query } from '../../platform/command.ts';
import { listFlows } from './service.ts';

export const flowsRouter = {
  list: query({ scope: 'deployments:read', input: z.object(pageInput), run: listFlows }),
};
