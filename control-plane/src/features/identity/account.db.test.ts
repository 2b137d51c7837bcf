import { createOTP } from '@better-auth/utils/otp';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openTestApi, PASSWORD, type Tenant, type TestApi } from '../../../test/api.ts';
import { refuseWeakPassword } from './password-strength.ts';

const ORIGIN = 'http://localhost:4200';
let api: TestApi;
let tenant: Tenant;

beforeAll(async () => {
  api = await openTestApi({ publicUrl: ORIGIN });
});
beforeEach(async () => {
  tenant = await api.tenant();
});
afterAll(() => api[Symbol.asyncDispose]());

const ask = async (method: string, path: string, body?: unknown, cookie = '') =>
  api.app.request(`/api/auth${path}`, {
    method,
    headers: { origin: ORIGIN, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...(cookie ? { cookie } : {}) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
const cookieOf = (response: Response) =>
  response.headers
    .getSetCookie()
    .filter((cookie) => !/Max-Age=0/i.test(cookie))
    .map((cookie) => cookie.split(';')[0])
    .join('; ');
const signIn = (password = PASSWORD) => ask('POST', '/sign-in/email', { email: tenant.ownerEmail, password });
const security = async (cookie: string) => (await (await ask('GET', '/security', undefined, cookie)).json()) as Security;
const isKnown = async (cookie: string) => (await api.app.request('/trpc/me.get', { headers: { cookie } })).status === 200;
type Security = { sessions: { id: string; method: string; isCurrent: boolean }[]; hasSecondFactor: boolean; hasPassword: boolean };

/** Resolves with what is awaited in the background: a mail, an audit row. */
async function eventually<T>(look: () => Promise<T | undefined> | T | undefined): Promise<T> {
  return expect
    .poll(async () => (await look()) ?? null, { timeout: 5_000, interval: 10 })
    .not.toBeNull()
    .then(async () => (await look()) as T);
}

describe('a password', () => {
  it.each([
    ['short', '8 to 128 characters'],
    ['password123', 'not on the lists of leaked ones'],
    ['Qwertyuiop', 'not on the lists of leaked ones'],
    ['aaaaaaaaaaaa', 'harder to guess'],
    ['ada.lovelace', 'harder to guess'],
  ])('like %s is refused: %s', async (password, expected) => {
    expect(await refuseWeakPassword(password, ['ada.lovelace@example.com', 'Ada Lovelace'])).toContain(expected);
  });

  it('of unrelated words, or of random letters, is taken', async () => {
    for (const password of [PASSWORD, 'tY7#kq0-Zm', 'violet gravel umbrella'])
      expect(await refuseWeakPassword(password, ['ada@example.com']), password).toBeNull();
  });

  it('is not guessed at from a session that somebody stole: ten tries, whichever door', async () => {
    const cookie = cookieOf(await signIn());
    const wrong = (path: string, body: object) => ask('POST', path, body, cookie).then(({ status }) => status);
    for (let i = 0; i < 5; i++) {
      expect(await wrong('/change-password', { currentPassword: `wrong ${i}`, newPassword: 'violet gravel umbrella' })).toBe(400);
      expect(await wrong('/two-factor/enable', { password: `wrong ${i}` })).toBe(400);
    }
    expect(await wrong('/change-password', { currentPassword: PASSWORD, newPassword: 'violet gravel umbrella' })).toBe(429);
    expect(await wrong('/two-factor/enable', { password: PASSWORD })).toBe(429);
  });

  it('is changed by whoever knows the old one; the other sessions end', async () => {
    const [here, there] = [cookieOf(await signIn()), cookieOf(await signIn())];
    const change = (currentPassword: string, newPassword: string) =>
      ask('POST', '/change-password', { currentPassword, newPassword }, here);
    const weak = await change(PASSWORD, 'password123');
    expect([weak.status, await weak.json()]).toMatchObject([400, { issues: [{ field: 'newPassword' }] }]);
    expect((await change('wrong', 'violet gravel umbrella')).status).toBe(400);
    const changed = await change(PASSWORD, 'violet gravel umbrella');
    expect(changed.status).toBe(200);
    expect([await isKnown(there), await isKnown(cookieOf(changed))]).toEqual([false, true]);
    expect((await signIn()).status).toBe(401);
    expect((await signIn('violet gravel umbrella')).status).toBe(200);
    expect(await tenant.audit('account.change-password')).toHaveLength(1);
  });
});

describe('recovery', () => {
  const recover = (email: string) => ask('POST', '/recover', { email });

  it('answers alike whether or not there is such an account, and mails only if there is', async () => {
    const [known, unknown] = [await recover(tenant.ownerEmail), await recover('nobody@example.com')];
    expect([known.status, await known.json()]).toEqual([unknown.status, await unknown.json()]);
    await eventually(() => api.sent.mails.find((mail) => mail.to === tenant.ownerEmail));
    expect(api.sent.mails.filter((mail) => mail.to === 'nobody@example.com')).toEqual([]);
  });

  it('sets a password once, which ends every session; the link is in no table', async () => {
    const cookie = cookieOf(await signIn());
    await recover(tenant.ownerEmail);
    const mail = await eventually(() => api.sent.mails.findLast((one) => one.to === tenant.ownerEmail));
    const token = /recover\/set#(\S+)/.exec(mail.text)?.[1] ?? '';
    const kept = await api.db.systemSql.query('SELECT v::text AS row FROM identity_verification v');
    expect(JSON.stringify(kept.rows)).not.toContain(token);

    expect((await ask('POST', '/recover/set', { token, password: 'password123' })).status).toBe(400);
    expect((await ask('POST', '/recover/set', { token, password: 'violet gravel umbrella' })).status).toBe(200);
    expect(await isKnown(cookie)).toBe(false);
    expect((await signIn('violet gravel umbrella')).status).toBe(200);
    const again = await ask('POST', '/recover/set', { token, password: 'another umbrella gravel' });
    expect([again.status, await again.json()]).toMatchObject([400, { message: expect.stringContaining('The link is not valid') }]);
    expect(await tenant.audit('account.recover-password')).toHaveLength(1);
  });

  it('of an account that nobody had proved to be theirs ends the keys that were made with it, at once', async () => {
    await api.db.system.user.update({ where: { email: tenant.ownerEmail }, data: { emailVerified: false } });
    const { secret } = await tenant.owner.apiKeys.create({ name: 'squatter', role: 'viewer' });
    const use = async () => (await api.app.request('/trpc/me.get', { headers: { authorization: `Bearer ${secret}` } })).status;
    expect(await use()).toBe(200);
    await recover(tenant.ownerEmail);
    const mail = await eventually(() => api.sent.mails.findLast((one) => one.to === tenant.ownerEmail));
    const token = /recover\/set#(\S+)/.exec(mail.text)?.[1] ?? '';
    expect((await ask('POST', '/recover/set', { token, password: 'violet gravel umbrella' })).status).toBe(200);
    expect(await use()).toBe(401);
  });

  it('is limited for an email, whoever asks', async () => {
    const statuses = [];
    for (let i = 0; i < 4; i++) statuses.push((await recover(tenant.ownerEmail)).status);
    expect(statuses).toEqual([200, 200, 200, 429]);
  });
});

describe('sessions', () => {
  it('are listed with how and from where, and end when their person says so', async () => {
    const [here, there] = [cookieOf(await signIn()), cookieOf(await signIn())];
    const { sessions } = await security(here);
    expect(sessions).toMatchObject([
      { method: 'password', isCurrent: false },
      { method: 'password', isCurrent: true },
    ]);
    const other = sessions.find((session) => !session.isCurrent)?.id;
    expect((await ask('POST', '/sessions/revoke', { id: other }, here)).status).toBe(200);
    expect([await isKnown(here), await isKnown(there)]).toEqual([true, false]);
    expect((await ask('POST', '/sessions/revoke', { id: other }, here)).status).toBe(404);
    expect(await tenant.audit('account.revoke-session')).toHaveLength(1);
  });

  it('of another person are not found, and stay', async () => {
    const mine = cookieOf(await signIn());
    const id = (await security(mine)).sessions[0]?.id;
    tenant = await api.tenant();
    expect((await ask('POST', '/sessions/revoke', { id }, cookieOf(await signIn()))).status).toBe(404);
    expect(await isKnown(mine)).toBe(true);
  });

  it("are kept as hashes: the table holds nobody's cookie", async () => {
    const cookie = decodeURIComponent(cookieOf(await signIn()));
    const token = /session_token=([^.;]+)\./.exec(cookie)?.[1] ?? 'missing';
    const { rows } = await api.db.systemSql.query('SELECT token FROM identity_session');
    expect(rows.length).toBeGreaterThan(0);
    expect(JSON.stringify(rows)).not.toContain(token);
  });
});

describe('a second factor', () => {
  const totp = (uri: string) => createOTP(secretOf(uri)).totp();
  const secretOf = (uri: string) => new TextDecoder().decode(base32(new URL(uri).searchParams.get('secret') ?? ''));

  async function enable() {
    const first = cookieOf(await signIn());
    const begun = await ask('POST', '/two-factor/enable', { password: PASSWORD }, first);
    const { totpURI, backupCodes } = (await begun.json()) as { totpURI: string; backupCodes: string[] };
    const verified = await ask('POST', '/two-factor/verify-totp', { code: await totp(totpURI) }, first);
    expect(verified.status).toBe(200);
    return { totpURI, backupCodes, cookie: cookieOf(verified) };
  }

  it('is asked for after the password, and a session comes with its code alone', async () => {
    const { totpURI, cookie } = await enable();
    expect(await security(cookie)).toMatchObject({ hasSecondFactor: true });
    const half = await signIn();
    expect(await half.json()).toMatchObject({ twoFactorRedirect: true });
    expect(await isKnown(cookieOf(half))).toBe(false);
    const wrong = await ask('POST', '/two-factor/verify-totp', { code: '000000' }, cookieOf(half));
    expect(wrong.status).toBe(401);
    const whole = await ask('POST', '/two-factor/verify-totp', { code: await totp(totpURI) }, cookieOf(half));
    expect(whole.status).toBe(200);
    expect((await security(cookieOf(whole))).sessions[0]).toMatchObject({ method: 'password and code' });
    expect(await tenant.audit('account.second-factor')).not.toHaveLength(0);
  });

  it('lost is replaced by a recovery code, each once; secret and codes are encrypted where they are kept', async () => {
    const { totpURI, backupCodes } = await enable();
    const kept = JSON.stringify((await api.db.systemSql.query('SELECT * FROM identity_two_factor')).rows);
    for (const secret of [secretOf(totpURI), ...backupCodes]) expect(kept).not.toContain(secret);
    const use = async () => ask('POST', '/two-factor/verify-backup-code', { code: backupCodes[0] }, cookieOf(await signIn()));
    expect((await use()).status).toBe(200);
    expect((await use()).status).toBe(401);
  });
});

function base32(text: string): Uint8Array {
  let bits = '';
  for (const letter of text.replaceAll('=', '')) bits += 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0');
  return new Uint8Array((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}
