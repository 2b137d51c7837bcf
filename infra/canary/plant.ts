/** Secrets of every kind the product handles, put where they belong and, by mistake, where they do not. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toUuid } from '@signalbox/proto';
import { deploy } from '@signalbox/sdk';
import { signingKey } from '../../control-plane/src/features/automations/actions/call-webhook.ts';
import type { System } from '../test-support/system.ts';
import { OWNER_EMAIL } from '../test-support/system.ts';
import { deployments } from './flows/keeper.ts';

/** A kind of secret and the very text that must be nowhere. */
export type Canary = { readonly kind: string; readonly secret: string };

export type Planted = {
  readonly canaries: readonly Canary[];
  /** Every error body that the control plane answered, and what it answers about things that hold secrets. */
  readonly errorBodies: readonly string[];
  /** A text that is meant to be found in rows and logs: a sweep that finds nothing proves nothing. */
  readonly control: string;
};

/** What agents of the system under sweep have in their environment: one for flows to read, one that they refer to by its name. */
export const agentSecrets = (): Record<string, string> => ({
  WAREHOUSE_PASSWORD: `canary-env-${word()}`,
  SIGNALBOX_SECRET_WAREHOUSE: `canary-reference-${word()}`,
});

/** Secrets as texts to look for, by the names they have in an agent's environment. */
export const canariesOf = (agentEnv: Readonly<Record<string, string | undefined>>): Canary[] =>
  Object.entries(agentEnv).flatMap(([name, secret]) =>
    secret?.startsWith('canary-') ? [{ kind: `agent environment (${name})`, secret }] : [],
  );

const word = (): string => randomBytes(12).toString('hex');

/** What is secret about any system, whatever is done with it. */
export function secretsOf(system: System): Canary[] {
  const trust = JSON.parse(readFileSync(join(system.folder, 'trust.json'), 'utf8')) as {
    operatorSigningSeed: string;
    sys: { user: { seed: string } };
    platform: { user: { seed: string } };
  };
  return [
    { kind: 'password', secret: system.ownerPassword },
    { kind: 'API key', secret: system.apiKey },
    { kind: 'secret of the control plane', secret: system.secret },
    { kind: 'operator signing seed', secret: trust.operatorSigningSeed },
    { kind: 'system user seed', secret: trust.sys.user.seed },
    { kind: 'platform user seed', secret: trust.platform.user.seed },
  ];
}

/**
 * Sends what is secret about a system where another secret is asked for, and its key where anything else is. (A text that nothing
 * tells for a secret is named in the answer to whoever wrote it in a field of another kind.) Answers the error bodies; none where no
 * control plane answers any more.
 */
export async function mistakes(system: System, canaries: readonly Canary[]): Promise<string[]> {
  const headers = { origin: system.consoleUrl, 'content-type': 'application/json' };
  const post = (path: string, body: object, more: Record<string, string> = {}) =>
    fetch(system.url + path, { method: 'POST', headers: { ...headers, ...more }, body: JSON.stringify(body) });
  const key = { authorization: `Bearer ${system.apiKey}` };
  const answers = await Promise.allSettled([
    ...canaries.flatMap(({ secret }) => [
      fetch(`${system.url}/trpc/me.get`, { headers: { authorization: `Bearer ${secret}` } }),
      fetch(`${system.url}/scim/v2/Users`, { headers: { authorization: `Bearer ${secret}` } }),
      fetch(`${system.url}/hooks/${encodeURIComponent(secret)}`, { method: 'POST' }),
      post('/api/auth/sign-in/email', { email: OWNER_EMAIL, password: `${secret}, mistyped` }),
      post('/api/agents/enroll', { joinCode: secret, publicKey: `U${'A'.repeat(55)}`, name: 'x' }),
    ]),
    fetch(`${system.url}/trpc/runs.get?input=${encodeURIComponent(JSON.stringify({ run: system.apiKey }))}`, { headers: key }),
    fetch(`${system.url}/trpc/${system.apiKey}`, { headers: key }),
    fetch(`${system.url}/api/${system.apiKey}`),
    post('/trpc/runs.create', { deployment: system.apiKey }, key),
    post('/trpc/runs.cancel', { run: { [system.apiKey]: system.apiKey } }, key),
    post('/api/auth/sign-in/email', { email: system.apiKey, password: system.apiKey }),
    post('/api/agents/enroll', { joinCode: 'x', publicKey: system.apiKey, name: 'x' }),
  ]);
  const refused = answers.flatMap((answer) => (answer.status === 'fulfilled' && !answer.value.ok ? [answer.value] : []));
  return Promise.all(refused.map((response) => response.text()));
}

/** `isKept`: its answer is looked through, too, where it is no error. */
type Ask = (
  path: string,
  init?: { body?: object; headers?: Record<string, string>; isKept?: boolean },
) => Promise<{ text: string; cookie: string }>;

/** Does what people, programs and agents do with secrets, mistakes included, and then real work. */
export async function plant(system: System, agentEnv: Readonly<Record<string, string>>): Promise<Planted> {
  const canaries: Canary[] = [...canariesOf(agentEnv), ...secretsOf(system)];
  const errorBodies: string[] = [];
  const origin = system.consoleUrl;
  const remember = (kind: string, secret: string): string => {
    canaries.push({ kind, secret });
    return secret;
  };
  const ask: Ask = async (path, init = {}) => {
    const response = await fetch(system.url + path, {
      method: init.body ? 'POST' : 'GET',
      headers: { origin, ...(init.body ? { 'content-type': 'application/json' } : {}), ...init.headers },
      ...(init.body ? { body: JSON.stringify(init.body) } : {}),
    });
    const text = await response.text();
    if (!response.ok || init.isKept) errorBodies.push(text);
    return {
      text,
      cookie: response.headers
        .getSetCookie()
        .map((each) => each.split(';', 1)[0])
        .join('; '),
    };
  };

  // People: a session, a password that is wrong, one in the wrong field, a new one that is too weak.
  const { cookie } = await ask('/api/auth/sign-in/email', { body: { email: OWNER_EMAIL, password: system.ownerPassword } });
  remember('session token', /session_token=([^.;]+)/.exec(decodeURIComponent(cookie))?.[1] ?? 'no session');
  await ask('/api/auth/sign-in/email', { body: { email: OWNER_EMAIL, password: remember('wrong password', `canary-wrong-${word()}`) } });
  await ask('/api/auth/sign-in/email', { body: { email: remember('password as email', `canary-field-${word()}`), password: 'x' } });
  const weak = remember('weak password', `canary${'a'.repeat(10)}`);
  await ask('/api/auth/change-password', { body: { currentPassword: system.ownerPassword, newPassword: weak }, headers: { cookie } });
  await ask('/api/auth/recover/set', {
    body: { token: remember('recovery token', `canary-link-${word()}`), password: `canary ${word()}` },
  });

  // A second factor that is begun, and a code that is wrong.
  const factor = await ask('/api/auth/two-factor/enable', { body: { password: system.ownerPassword }, headers: { cookie } });
  const { totpURI, backupCodes } = JSON.parse(factor.text) as { totpURI: string; backupCodes: string[] };
  remember('TOTP secret', new URL(totpURI).searchParams.get('secret') ?? 'no secret');
  for (const code of backupCodes) remember('recovery code', code);
  await ask('/api/auth/two-factor/verify-totp', { body: { code: '000000' }, headers: { cookie } });

  // Programs: keys that are made, revoked, and sent to the wrong places.
  const made = await system.client.apiKeys.create.mutate({ name: 'canary', role: 'viewer' });
  remember('revoked API key', made.secret);
  await system.client.apiKeys.revoke.mutate({ key: made.key.id });
  const stale = { authorization: `Bearer ${made.secret}` };
  await ask('/trpc/me.get', { headers: stale });
  await ask(`/trpc/runs.get?input=${encodeURIComponent(JSON.stringify({ run: made.secret }))}`, {
    headers: { authorization: `Bearer ${system.apiKey}` },
  });
  await ask('/scim/v2/Users', { headers: { authorization: `Bearer ${remember('SCIM token', `sbc_canary${word()}`)}` } });

  // The organization: a provider's client secret, a directory's token.
  const call = async (path: string, body: object): Promise<Record<string, string>> => {
    const { text } = await ask(`/trpc/${path}`, { body, headers: { cookie } });
    return (JSON.parse(text) as { result?: { data: Record<string, string> } }).result?.data ?? {};
  };
  const clientSecret = remember('OpenID client secret', `canary-client-${word()}`);
  await call('sso.create', { kind: 'oidc', name: 'canary', issuer: 'https://id.example.com', clientId: 'x', clientSecret });
  remember('directory token', (await call('scim.createToken', { name: 'canary' }))['secret'] ?? 'no token');
  const begun = await call('login.start', {});
  remember('device code', begun['deviceCode'] ?? 'no device code');

  // Agents: a code that is used again, one that never was, and the seeds that stay at home.
  const { code } = await system.client.agents.createJoinCode.mutate({ pool: 'local' });
  remember('join code', code);
  const publicKey = `U${'A'.repeat(55)}`;
  for (const joinCode of [code, remember('unknown join code', `sbj_canary${word()}`)])
    await ask('/api/agents/enroll', { body: { joinCode, publicKey, name: 'x' } });

  // The workspace: what signs its webhooks, derived and kept nowhere.
  const { workspace } = await system.client.me.get.query();
  if (workspace) remember('webhook signing key', signingKey(system.secret, toUuid('workspace', workspace.id)).toString('base64'));

  await callOut(system, ask, remember);
  return { canaries, errorBodies, control: await work(system, remember) };
}

/**
 * An automation whose calls carry a secret, to one who says what it was sent and to where nobody is; read, exported and saved as it was
 * read. What reads answer is looked through like error bodies.
 */
async function callOut(system: System, ask: Ask, remember: (kind: string, secret: string) => string): Promise<void> {
  const value = remember('header of a call', `canary-header-${word()}`);
  const echo = createServer((request, response) => void response.writeHead(403).end(JSON.stringify(request.headers)));
  await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve));
  const { port } = echo.address() as AddressInfo;
  const headers = { Authorization: `Bearer ${value}`, 'X-Key': value };
  const calls = [`http://127.0.0.1:${port}/`, 'http://127.0.0.1:1/'].map((url) => ({ type: 'call-webhook' as const, url, headers }));
  const { automations, events } = system.client;
  const made = await automations.create.mutate({
    name: `canary ${word()}`,
    trigger: { type: 'event', expect: ['canary.calls'] },
    onTrigger: calls,
  });
  await automations.update.mutate({ automation: made.id, onTrigger: made.onTrigger, description: 'saved as it was read' });
  await automations.update.mutate({ automation: made.id, onTrigger: calls.map((call) => ({ ...call, method: 'PUT' as const })) });
  const key = { authorization: `Bearer ${system.apiKey}` };
  await ask('/trpc/automations.create', { body: { name: 'x', trigger: {}, onTrigger: calls }, headers: key });
  await events.emit.mutate({ events: [{ name: 'canary.calls', resource: { id: 'canary' } }] });
  await until(async () => {
    const { items } = await automations.firings.query({ automation: made.id });
    return items.flatMap(({ actions }) => actions).filter(({ attempts }) => attempts.length > 0).length === calls.length;
  }, 'the automation made no calls');
  for (const path of [
    '/trpc/automations.list?input={}',
    '/trpc/automations.firings?input={}',
    '/api/workspaces/export',
    '/api/audit/export',
  ])
    await ask(path, { headers: key, isKept: true });
  echo.close();
}

/** Looks ten times a second, for a minute. @throws with `otherwise` after it */
async function until(isSo: () => Promise<boolean>, otherwise: string): Promise<void> {
  for (const deadline = Date.now() + 60_000; !(await isSo()); ) {
    if (Date.now() > deadline) throw new Error(`${otherwise} within 60 s`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Runs that succeed and fail with the agent's secret in hand. Answers the name of one, which rows and logs may hold. */
async function work(system: System, remember: (kind: string, secret: string) => string): Promise<string> {
  const from = { url: new URL('./flows/keeper.ts', import.meta.url).href };
  await deploy(
    deployments.map((definition) => ({ ...definition, options: { ...definition.options, from } })),
    { client: system.client },
  );
  const control = `control-${word()}`;
  const file = join(mkdtempSync(join(tmpdir(), 'signalbox-canary-')), 'token');
  const runs = await Promise.all([
    ...['present', 'missing'].map((database) =>
      system.client.runs.create.mutate({ deployment: 'keeper/canary', name: `${control}-${database}`, parameters: { database } }),
    ),
    system.client.runs.create.mutate({ deployment: 'referrer/canary', name: `${control}-referrer` }),
    system.client.runs.create.mutate({ deployment: 'teller/canary', name: `${control}-teller`, parameters: { file } }),
  ]);
  for (const run of runs)
    await until(async () => {
      const { state } = await system.client.runs.get.query({ run: run.id });
      return ['COMPLETED', 'FAILED', 'CRASHED', 'CANCELLED'].includes(state.type);
    }, `run ${run.id} did not end`);
  const token = remember('run token', readFileSync(file, 'utf8'));
  if (!token.startsWith('sbr_')) throw new Error('the run had no token');
  // A JWT is also known by its parts: the signature alone is what nobody can make.
  remember('signature of a run token', token.split('.').at(-1) ?? token);
  // Sent again once the run has ended.
  await fetch(`${system.url}/trpc/me.get`, { headers: { authorization: `Bearer ${token}` } });
  return control;
}
