import {
  createLimitInput,
  ensureLimitsInput,
  freeSlotsInput,
  limitOccupantsInput,
  limitRefInput,
  listLimitsInput,
  updateLimitInput,
} from '@signalbox/proto/api';
import { command, query } from '../../platform/command.ts';
import {
  createLimit,
  deleteLimit,
  ensureLimits,
  freeSlots,
  getLimit,
  listLimitHolders,
  listLimits,
  listLimitWaiters,
  updateLimit,
} from './service.ts';

export const limitsRouter = {
  list: query({ scope: 'limits:read', input: listLimitsInput, run: listLimits }),
  get: query({ scope: 'limits:read', input: limitRefInput, run: getLimit }),
  holders: query({ scope: 'limits:read', input: limitOccupantsInput, run: listLimitHolders }),
  waiters: query({ scope: 'limits:read', input: limitOccupantsInput, run: listLimitWaiters }),
  create: command({ scope: 'limits:write', action: 'limit.create', input: createLimitInput, run: createLimit }),
  ensure: command({ scope: 'limits:write', action: 'limit.ensure', input: ensureLimitsInput, run: ensureLimits }),
  update: command({ scope: 'limits:operate', action: 'limit.update', input: updateLimitInput, run: updateLimit }),
  freeSlots: command({ scope: 'limits:operate', action: 'limit.free-slots', input: freeSlotsInput, run: freeSlots }),
  delete: command({ scope: 'limits:write', action: 'limit.delete', input: limitRefInput, run: deleteLimit }),
};
