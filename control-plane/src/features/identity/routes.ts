/** `/api/auth/*`: the few endpoints of better-auth that the console uses; the rest of it is not reachable. */
import { Hono } from 'hono';
import { AppError } from '../../platform/errors.ts';
import type { HttpEnv } from '../../platform/http.ts';
import type { Services } from '../../platform/services.ts';
import type { Auth } from './auth.ts';
import { refuseForeignPage } from './own-page.ts';
import { signIn } from './sign-in.ts';

export function authRoutes(services: Services, auth: Auth): Hono<HttpEnv> {
  const app = new Hono<HttpEnv>();
  app.use(async (c, next) => {
    if (c.req.method !== 'GET') refuseForeignPage(services.settings.publicUrl, c.req.raw.headers);
    await next();
  });
  app.post('/sign-in/email', (c) => signIn(services, auth, withAddress(c.req.raw, c.var.address), c.var.address));
  app.post('/sign-out', (c) => auth.handler(withAddress(c.req.raw, c.var.address)));
  app.get('/get-session', (c) => auth.handler(withAddress(c.req.raw, c.var.address)));
  app.all('*', () => {
    throw new AppError('NOT_FOUND', 'No such endpoint. Sign-in is POST /api/auth/sign-in/email.');
  });
  return app;
}

/** The request with the peer's own address in the header that better-auth reads. */
function withAddress(request: Request, address: string): Request {
  const copy = new Request(request);
  copy.headers.set('x-signalbox-address', address);
  return copy;
}
