import { hostname } from 'node:os';
import { delay } from '../../../client/delay.ts';
import { createClient } from '../../../client/index.ts';
import { CliError, InterruptedError } from '../../cli-error.ts';
import type { Context } from '../../context.ts';
import { EXIT } from '../../exit-code.ts';

/**
 * Shows a code, which a signed-in person confirms in a browser on any machine, and waits for the key that comes of it.
 * @see https://www.rfc-editor.org/rfc/rfc8628
 */
export async function loginInBrowser(context: Context, url: string, opensBrowser: boolean): Promise<string> {
  const { host, style } = context;
  const client = createClient({ url, apiKey: '', headers: { 'x-signalbox-client': 'cli', 'x-signalbox-host': hostname() } });
  const start = await client.login.start.mutate();
  // What opens it would act on other schemes too: files, programs.
  if (!/^https?:\/\//i.test(start.url)) throw new CliError('the control plane named no address of the web to confirm the login at');

  const say = (...lines: string[]) => void host.stderr.write(lines.map((line) => `${line}\n`).join(''));
  say('', `  Your code:  ${style.bold(start.code)}`, `  Confirm at: ${style.cyan(start.url)}`, '');
  if (opensBrowser && host.stderr.isTTY) host.openBrowser(start.url);
  say(style.dim('Waiting for you to confirm it in the browser. Ctrl-C to give up.'));

  const deadline = performance.now() + start.expiresInSeconds * 1_000;
  while (performance.now() < deadline) {
    await delay(start.intervalSeconds * 1_000, host.signal);
    if (host.signal.aborted) throw new InterruptedError('not signed in');
    const reply = await client.login.poll.mutate({ deviceCode: start.deviceCode });
    if (reply.status === 'approved' && reply.secret) return reply.secret;
    if (reply.status === 'expired') break;
  }
  throw new CliError('the code was not confirmed in time', { exitCode: EXIT.notAllowed, hint: 'run `signalbox login` again' });
}
