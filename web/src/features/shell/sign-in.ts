import { startAuthentication } from '@simplewebauthn/browser';
import { askAuth } from '../account/ask-auth.ts';

type SignInResult = { ok: true } | { ok: false; problem: string; needsSingleSignOn?: boolean } | { ok: false; needsCode: true };
type Options = Parameters<typeof startAuthentication>[0]['optionsJSON'];

/** What single sign-on says in the address when it leads back here. */
export const SSO_PROBLEMS: Readonly<Record<string, string>> = {
  'sso-expired': 'This sign-on took too long, was used already, or was begun in another browser. Begin again.',
  'sso-provider': 'The identity provider could not be asked, or its answer does not hold. Ask whoever runs it.',
  'sso-email': 'The identity provider told no verified email. Ask whoever runs it.',
  'sso-domain': 'Your email is not of a domain that this organization has verified.',
  'sso-switched-off': 'This account was switched off by your organization.',
};

/** Opens a session by email and password. A refusal says what to do, and never which of the two was wrong. */
export async function signIn(email: string, password: string): Promise<SignInResult> {
  let response: Response;
  try {
    response = await fetch('/api/auth/sign-in/email', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email, password }),
    });
  } catch {
    return { ok: false, problem: 'The control plane does not answer. Check your connection and try again.' };
  }
  const body = (await response.json().catch(() => null)) as { twoFactorRedirect?: boolean; message?: string } | null;
  if (response.ok) return body?.twoFactorRedirect ? { ok: false, needsCode: true } : { ok: true };
  if (response.status === 403 && body?.message)
    return { ok: false, problem: body.message, needsSingleSignOn: /single sign-on/i.test(body.message) };
  return { ok: false, problem: refusal(response.status, response.headers.get('x-retry-after') ?? response.headers.get('retry-after')) };
}

/** The second step: six digits of the app, or a recovery code. */
export async function enterCode(code: string): Promise<SignInResult> {
  const isTotp = /^\d{6}$/.test(code.trim());
  return outcome(askAuth(isTotp ? 'auth/two-factor/verify-totp' : 'auth/two-factor/verify-backup-code', { code: code.trim() }));
}

export async function signInWithPasskey(): Promise<SignInResult> {
  return outcome(
    (async () => {
      const options = await askAuth<Options>('auth/passkey/generate-authenticate-options');
      const response = await startAuthentication({ optionsJSON: options });
      await askAuth('auth/passkey/verify-authentication', { response });
    })(),
  );
}

/** Where to go for single sign-on, by the domain of an email; null: it has none. */
export async function findSingleSignOn(email: string, next: string): Promise<string | null> {
  const { connection } = await askAuth<{ connection: { id: string } | null }>('sso/discover', { email });
  return connection ? `/api/sso/${connection.id}/start?${new URLSearchParams({ next, email })}` : null;
}

async function outcome(work: Promise<unknown>): Promise<SignInResult> {
  try {
    await work;
    return { ok: true };
  } catch (error) {
    return { ok: false, problem: (error as Error).message };
  }
}

/** Why a sign-in was refused, by the answer's status. */
export function refusal(status: number, retryAfterS: string | null): string {
  const seconds = Number(retryAfterS);
  if (status === 429) return `Too many tries. Wait ${seconds > 0 ? `${Math.ceil(seconds)} s` : 'a minute'}, then try again.`;
  if (status === 401) return 'Email and password do not match.';
  if (status === 400 || status === 422) return 'Write a full email address and a password.';
  if (status === 403) return 'This address of the console is not trusted. Open the one in SIGNALBOX_PUBLIC_URL.';
  return 'Signing in does not work right now. Try again in a moment.';
}
