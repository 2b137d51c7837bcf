import { setNetworksInput } from '@signalbox/proto/api';
import { z } from 'zod';
import { organizationCommand, organizationQuery } from '../../platform/command.ts';
import { getNetworks, setNetworks } from './service.ts';

const scope = 'organization:security';

export const networksRouter = {
  get: organizationQuery({ scope, input: z.void(), run: getNetworks }),
  set: organizationCommand({ scope, action: 'organization.set-networks', input: setNetworksInput, run: setNetworks }),
};
