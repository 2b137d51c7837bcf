/** Paths that are not ours are the console's: streamed to Next.js on loopback. */
import type { Context } from 'hono';
import { proxy } from 'hono/proxy';
import type { HttpEnv } from './http.ts';
import { shownPath } from './request-log.ts';

/** Streams a request to the console and its answer back, redirects untouched. */
export async function proxyToConsole(c: Context<HttpEnv>, webUrl: string): Promise<Response> {
  const { pathname, search, protocol, host } = new URL(c.req.url);
  // Set, never resolved against it: the path `//elsewhere/` would name another server, and our cookies would go there.
  const target = Object.assign(new URL(webUrl), { pathname, search });
  try {
    return await proxy(target, {
      raw: c.req.raw,
      redirect: 'manual',
      headers: {
        ...c.req.header(),
        host: undefined,
        'x-forwarded-host': c.req.header('host') ?? host,
        'x-forwarded-proto': protocol.slice(0, -1),
        'x-forwarded-for': c.var.address,
        'x-request-id': c.var.requestId,
      },
    });
  } catch (error) {
    if (c.req.raw.signal.aborted) return new Response(null, { status: 499 });
    const { cause } = error as { cause?: { code?: unknown } };
    const reason = typeof cause?.code === 'string' ? cause.code : 'no answer';
    return c.html(page('The console does not answer', `It may still be starting: this page tries again by itself. (${reason})`, 3), 503);
  }
}

/** What a browser sees where no console is configured. */
export function withoutConsole(c: Context<HttpEnv>): Response | Promise<Response> {
  const text =
    'This is the API of Signalbox, and no console is configured. Set SIGNALBOX_WEB_URL to the address of the console, or use the command line: signalbox login.';
  if (!c.req.header('accept')?.includes('text/html'))
    return c.json({ code: 'NOT_FOUND', message: `Nothing at ${shownPath(c.req.path)}. ${text}` }, 404);
  return c.html(page('No console here', text), 404);
}

function page(title: string, text: string, refreshSeconds?: number): string {
  const refresh = refreshSeconds ? `<meta http-equiv="refresh" content="${refreshSeconds}">` : '';
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="color-scheme" content="light dark">${refresh}<title>${title} - Signalbox</title></head>
<body style="font: 16px/1.5 system-ui, sans-serif; max-width: 36rem; margin: 15vh auto; padding: 0 1rem"><h1>${title}</h1><p>${text}</p></body></html>`;
}
