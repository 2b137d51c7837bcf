import { z } from 'zod';
import { personalQuery } from '../../platform/command.ts';
import { getMe } from './me.ts';

export const meRouter = {
  get: personalQuery({ input: z.void(), run: getMe }),
};
