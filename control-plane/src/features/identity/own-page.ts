/** Which pages may use our cookies: those we serve, by the public URL or by whatever host this request came to. */
import { forbidden } from '../../platform/errors.ts';

/**
 * Cookies travel with requests that other sites' pages make, and a browser names the page's origin on every POST.
 * @throws FORBIDDEN for a page of another origin.
 */
export function refuseForeignPage(publicUrl: string, headers: Headers): void {
  const origin = headers.get('origin');
  if (origin === null || ownOrigins(publicUrl, headers).includes(origin)) return;
  throw forbidden('This request came from a page of another origin. Open the console at its own address.', {
    origin: origin.slice(0, 200),
  });
}

/**
 * The same for a write that a cookie vouches for. Without an origin it is a program's: that names itself in a header
 * which a foreign page cannot send, since we never answer its preflight.
 */
export function refuseForeignWrite(publicUrl: string, headers: Headers): void {
  refuseForeignPage(publicUrl, headers);
  if (headers.has('origin') || headers.has('x-signalbox-client') || headers.has('x-signalbox-workspace')) return;
  throw forbidden('A write with a sign-in cookie needs an Origin header (a browser sends it) or an "x-signalbox-client" header.');
}

/** The public URL's origin, its other spellings where that is this machine, and the host that was asked. */
export function ownOrigins(publicUrl: string, headers: Headers | undefined): string[] {
  const url = new URL(publicUrl);
  const host = headers?.get('host');
  return [...spellings(url), ...(host && /^[\w.:[\]-]+$/.test(host) ? [`http://${host}`, `https://${host}`] : [])];
}

function spellings(url: URL): string[] {
  const loopback = ['localhost', '127.0.0.1', '[::1]'];
  if (!loopback.includes(url.hostname)) return [url.origin];
  return loopback.map((host) => `${url.protocol}//${host}${url.port ? `:${url.port}` : ''}`);
}
