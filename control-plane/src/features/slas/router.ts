import { createSlaInput, listSlasInput, listSlaViolationsInput, slaRefInput, updateSlaInput } from '@signalbox/proto/api';
import { command, query } from '../../platform/command.ts';
import { createSla, deleteSla, listSlas, listSlaViolations, updateSla } from './service.ts';

export const slasRouter = {
  list: query({ scope: 'deployments:read', input: listSlasInput, run: listSlas }),
  create: command({ scope: 'deployments:operate', action: 'sla.create', input: createSlaInput, run: createSla }),
  update: command({ scope: 'deployments:operate', action: 'sla.update', input: updateSlaInput, run: updateSla }),
  delete: command({ scope: 'deployments:operate', action: 'sla.delete', input: slaRefInput, run: deleteSla }),
  violations: query({ scope: 'deployments:read', input: listSlaViolationsInput, run: listSlaViolations }),
};
