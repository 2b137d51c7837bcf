/**
 * The one place that names the control plane's router. It is a type and nothing else: no line of the control
 * plane reaches a program that uses this client, and packing for npm inlines it.
 */
import type { AppRouter } from '@signalbox/control-plane/api';
import type { TRPCClient } from '@trpc/client';

export type { AppRouter };

/** Every procedure of the control plane, typed: `api.runs.get.query({ run })`. */
export type Api = TRPCClient<AppRouter>;
