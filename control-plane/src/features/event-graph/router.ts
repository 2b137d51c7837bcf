import { eventGraphInput } from '@signalbox/proto/api';
import { sqlQuery } from '../../platform/command.ts';
import { readEventGraph } from './service.ts';

export const eventGraph = sqlQuery({ scope: 'events:read', input: eventGraphInput, run: readEventGraph });
