/** `POST /api/agents/enroll` and `/token`: how an agent gets its credential over HTTPS. */
import { enrollSchema, tokenRequestSchema } from '@signalbox/proto/messages';
import { Hono } from 'hono';
import type { z } from 'zod';
import { issuesOf } from '../../platform/classify-error.ts';
import { invalidInput } from '../../platform/errors.ts';
import type { HttpEnv } from '../../platform/http.ts';
import type { Services } from '../../platform/services.ts';
import { enrollAgent } from './enroll.ts';
import { renewAgentToken } from './renew-token.ts';

export function agentRoutes(services: Services): Hono<HttpEnv> {
  const app = new Hono<HttpEnv>();
  app.post('/enroll', async (c) =>
    c.json(
      await enrollAgent(services, await parse(c.req.raw, enrollSchema), {
        address: c.var.address,
        requestId: c.var.requestId,
        headers: c.req.raw.headers,
      }),
    ),
  );
  app.post('/token', async (c) =>
    c.json(
      await renewAgentToken(services, await parse(c.req.raw, tokenRequestSchema), { address: c.var.address, requestId: c.var.requestId }),
    ),
  );
  return app;
}

async function parse<S extends z.ZodType>(request: Request, schema: S): Promise<z.output<S>> {
  const body: unknown = await request.json().catch(() => undefined);
  const result = schema.safeParse(body);
  if (!result.success) throw invalidInput(issuesOf(result.error, body));
  return result.data;
}
