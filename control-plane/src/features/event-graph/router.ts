import { eventGraphInput } from '@signalbox/proto/api';
import { query } from '../../platform/command.ts';
import { readEventGraph } from './service.ts';

export const eventGraph = query({ scope: 'events:read', input: eventGraphInput, run: readEventGraph });
