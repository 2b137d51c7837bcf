import { channelRefInput, createChannelInput, deliveryRefInput, listDeliveriesInput, updateChannelInput } from '@signalbox/proto/api';
import { z } from 'zod';
import { command, query } from '../../platform/command.ts';
import { createChannel, deleteChannel, listChannels, listDeliveries, resendDelivery, testChannel, updateChannel } from './channels.ts';

export const notificationsRouter = {
  channels: query({ scope: 'notifications:read', input: z.void(), run: listChannels }),
  create: command({ scope: 'notifications:write', action: 'channel.create', input: createChannelInput, run: createChannel }),
  update: command({ scope: 'notifications:write', action: 'channel.update', input: updateChannelInput, run: updateChannel }),
  delete: command({ scope: 'notifications:write', action: 'channel.delete', input: channelRefInput, run: deleteChannel }),
  test: command({ scope: 'notifications:write', action: 'channel.test', input: channelRefInput, run: testChannel }),
  deliveries: query({ scope: 'notifications:read', input: listDeliveriesInput, run: listDeliveries }),
  resend: command({ scope: 'notifications:write', action: 'delivery.resend', input: deliveryRefInput, run: resendDelivery }),
};
