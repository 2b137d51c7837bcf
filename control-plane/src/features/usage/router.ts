import { usageHistoryInput } from '@signalbox/proto/api';
import { z } from 'zod';
import { query } from '../../platform/command.ts';
import { getUsage, getUsageHistory } from './service.ts';

export const usageRouter = {
  get: query({ scope: 'workspace:read', input: z.void(), run: getUsage }),
  history: query({ scope: 'workspace:read', input: usageHistoryInput, run: getUsageHistory }),
};
