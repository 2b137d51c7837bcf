import type { AppRouter } from '@signalbox/control-plane/api';
import type { TRPCClient } from '@trpc/client';

/** The typed API, the same in the browser and in server components: queries take it as an argument. */
export type Api = TRPCClient<AppRouter>;
