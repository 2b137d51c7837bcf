import { setSupportInput } from '@signalbox/proto/api';
import { z } from 'zod';
import { organizationCommand, organizationQuery } from '../../platform/command.ts';
import { getSupport, setSupport } from './service.ts';

const scope = 'organization:security';

export const supportRouter = {
  get: organizationQuery({ scope, input: z.void(), run: getSupport }),
  set: organizationCommand({ scope, action: 'organization.allow-support', input: setSupportInput, run: setSupport }),
};
