/**
 * Who may read `/metrics`: it tells of all tenants together. With a token configured, whoever sends it; without, programs on
 * this machine, as long as no proxy speaks for somebody else.
 */
import type { Context } from 'hono';
import { forbidden, unauthenticated } from './errors.ts';
import type { HttpEnv } from './http.ts';
import { hashSecret, sameHash } from './secrets.ts';

const LOOPBACK = /^(::1|(::ffff:)?127(\.\d{1,3}){3})$/;
const FORWARDED = ['forwarded', 'x-forwarded-for', 'x-real-ip'];

/** @throws UNAUTHENTICATED without the token, FORBIDDEN for a stranger where there is none. */
export function requireMetricsReader(c: Context<HttpEnv>, token: string | null): void {
  if (token !== null) {
    const given = /^Bearer +(\S+)$/i.exec(c.req.header('authorization') ?? '')?.[1] ?? '';
    if (!sameHash(hashSecret(given), hashSecret(token)))
      throw unauthenticated('Send the token of /metrics as "Authorization: Bearer ...": SIGNALBOX_METRICS_TOKEN.');
    return;
  }
  const isHere = LOOPBACK.test(c.var.address) && FORWARDED.every((name) => c.req.header(name) === undefined);
  if (!isHere) throw forbidden('Without SIGNALBOX_METRICS_TOKEN, /metrics is for programs on the same machine alone.');
}
