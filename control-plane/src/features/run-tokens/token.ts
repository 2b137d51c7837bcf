/**
 * Run tokens: `sbr_` and a JWT (HS256) that names workspace, run and epoch. Nothing of it is stored: it is good exactly while
 * that epoch of that run is at work, which Postgres is asked at each use.
 *
 * Signed by OpenSSL directly (3 us, at every start of a run), verified by jose (at every use of one).
 */
import { createHash, createHmac, createSecretKey } from 'node:crypto';
import { jwtVerify } from 'jose';
import { z } from 'zod';

const PREFIX = 'sbr_';
const ISSUER = 'signalbox';
const AUDIENCE = 'signalbox-run';
const HEADER = Buffer.from(JSON.stringify({ alg: 'HS256', typ: 'JWT' })).toString('base64url');

const claimsSchema = z.object({ ws: z.uuid(), sub: z.uuid(), epoch: z.number().int().min(0) });

/** Ids are UUIDs. */
export type RunClaims = { readonly workspaceId: string; readonly runId: string; readonly epoch: number };

export type RunTokens = {
  sign(claims: RunClaims): string;
  /** Null: not one of ours. */
  verify(token: string): Promise<RunClaims | null>;
};

/** Whether a bearer token is meant as a run token. */
export function isRunToken(token: string): boolean {
  return token.startsWith(PREFIX);
}

/** `secret`: the control plane's own; a key for this purpose alone is derived from it. */
export function runTokensOf(secret: string): RunTokens {
  // An object once: made of bytes again at each signature, it costs more than the signature.
  const key = createSecretKey(createHash('sha256').update(`signalbox run token v1:${secret}`).digest());
  return {
    sign({ workspaceId, runId, epoch }) {
      const claims = { iss: ISSUER, aud: AUDIENCE, sub: runId, ws: workspaceId, epoch };
      const text = `${HEADER}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}`;
      return `${PREFIX}${text}.${createHmac('sha256', key).update(text).digest('base64url')}`;
    },
    async verify(token) {
      try {
        const options = { algorithms: ['HS256'], issuer: ISSUER, audience: AUDIENCE };
        const { payload } = await jwtVerify(token.slice(PREFIX.length), key, options);
        const { ws, sub, epoch } = claimsSchema.parse(payload);
        return { workspaceId: ws, runId: sub, epoch };
      } catch {
        return null;
      }
    },
  };
}
