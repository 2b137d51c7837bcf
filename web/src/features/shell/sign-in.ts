type SignInResult = { ok: true } | { ok: false; problem: string };

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
  if (response.ok) return { ok: true };
  return { ok: false, problem: refusal(response.status, response.headers.get('x-retry-after') ?? response.headers.get('retry-after')) };
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
