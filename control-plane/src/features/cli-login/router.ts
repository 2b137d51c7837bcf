import { z } from 'zod';
import { personalCommand, personalQuery, publicCommand } from '../../platform/command.ts';
import { approveLogin } from './approve-login.ts';
import { lookAtLogin } from './look-at-login.ts';
import { pollLogin } from './poll-login.ts';
import { startLogin } from './start-login.ts';

/** `organization`: the command line may look after the organization too, as far as its person may. */
const approveInput = z.object({ code: z.string().trim().min(1).max(20), organization: z.boolean().default(false) });

export const loginRouter = {
  start: publicCommand({ input: z.void(), run: startLogin }),
  look: personalQuery({ input: z.object({ code: z.string().trim().min(1).max(20) }), run: lookAtLogin }),
  poll: publicCommand({ input: z.object({ deviceCode: z.string().min(1).max(200) }), run: pollLogin }),
  approve: personalCommand({ action: 'cli-login.approve', input: approveInput, run: approveLogin }),
};
