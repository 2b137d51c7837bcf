/** A browser without a screen: follows redirects from host to host, and keeps each host's cookies. */
export type Browser = {
  /** Ends at the first answer that leads nowhere. */
  open(url: string, init?: RequestInit): Promise<{ url: string; status: number; text: string }>;
  /** What this browser would send to a host. */
  cookies(url: string): string;
};

const MAX_STEPS = 20;

/** `fetchOf` answers for hosts that are not on the network: the app under test. */
export function browse(fetchOf: (url: URL, init: RequestInit) => Promise<Response> | null): Browser {
  const jars = new Map<string, Map<string, string>>();
  const jarOf = (url: string): Map<string, string> => {
    const { host } = new URL(url);
    const jar = jars.get(host) ?? new Map<string, string>();
    jars.set(host, jar);
    return jar;
  };
  const cookies = (url: string): string => [...jarOf(url)].map(([name, value]) => `${name}=${value}`).join('; ');
  return {
    cookies,
    async open(from, init = {}) {
      let [url, asked] = [from, init];
      for (let step = 0; step < MAX_STEPS; step++) {
        const headers = new Headers(asked.headers);
        const sent = cookies(url);
        if (sent) headers.set('cookie', sent);
        const request = { ...asked, headers, redirect: 'manual' as const };
        const response = await (fetchOf(new URL(url), request) ?? fetch(url, request));
        for (const cookie of response.headers.getSetCookie()) {
          const [pair = ''] = cookie.split(';');
          const at = pair.indexOf('=');
          jarOf(url).set(pair.slice(0, at), pair.slice(at + 1));
        }
        const location = response.headers.get('location');
        if (!location || response.status < 300 || response.status >= 400)
          return { url, status: response.status, text: await response.text() };
        url = new URL(location, url).href;
        asked = {};
      }
      throw new Error(`more than ${MAX_STEPS} redirects, at last to ${url}`);
    },
  };
}
