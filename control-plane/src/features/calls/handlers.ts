/** Every operation that a running flow may ask for, and the feature that answers it. */
import { blockCalls } from '../blocks/index.ts';
import { childrenCalls } from '../children/index.ts';
import { eventCalls } from '../events/index.ts';
import { limitCalls } from '../limits/index.ts';
import { pauseCalls } from '../pauses/index.ts';
import { variableCalls } from '../variables/index.ts';
import type { CallHandlers } from './call.ts';
import { getParameters } from './get-parameters.ts';

export const handlers: CallHandlers = {
  getParameters,
  ...limitCalls,
  ...childrenCalls,
  ...pauseCalls,
  ...variableCalls,
  ...blockCalls,
  ...eventCalls,
};
