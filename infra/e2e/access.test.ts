/** How people come in, what they then may, and how they go again: in a real browser, with real identity providers, before one real system. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Person, startDns, startOpenIdProvider, startSamlProvider } from '../../control-plane/test/identity-providers.ts';
import { findChromium } from '../test/chromium.ts';
import { launchBrowser, openPage, signIn } from '../test-support/browser.ts';
import { runTag } from '../test-support/run-tag.ts';
import { OWNER_EMAIL, type System, startSystem } from '../test-support/system.ts';

const executable = findChromium();
const PASSWORD = 'four words without relation';
const DOMAIN = 'corp.example';

describe.skipIf(!executable)('access, in Chromium (skipped where there is none: set CHROMIUM_PATH or install it)', () => {
  const opened: AsyncDisposable[] = [];
  const records: Record<string, string> = {};
  const people: Person[] = [];
  let system: System;
  let browser: Browser;
  let owner: Page;

  beforeAll(async () => {
    const dns = await startDns(() => records);
    opened.push(dns);
    const controlPlaneEnv = { SIGNALBOX_DNS_SERVERS: dns.address, SIGNALBOX_PRIVATE_PROVIDERS: 'allow' };
    [system, browser] = await Promise.all([
      startSystem({ tag: runTag(), console: true, agents: 0, controlPlaneEnv }),
      launchBrowser(executable ?? ''),
    ]);
    owner = await visit('/access');
    await signIn(owner, OWNER_EMAIL, system.ownerPassword);
    await owner.waitForURL('/access');
  }, 420_000);
  afterAll(async () => {
    await browser?.close();
    await system?.[Symbol.asyncDispose]();
    for (const one of opened) await one[Symbol.asyncDispose]();
  });

  /** A browser of somebody else's: no cookie of the others'. */
  async function visit(path: string): Promise<Page> {
    const watched = await openPage(browser, { origin: system.consoleUrl });
    await watched.page.goto(path);
    return watched.page;
  }
  /** A procedure in the name of the owner's session. */
  async function ask<T>(procedure: string, input: object, organization?: string): Promise<T> {
    const headers = { origin: system.consoleUrl, ...(organization ? { 'x-signalbox-organization': organization } : {}) };
    const reply = await owner.request.post(`/trpc/${procedure}`, { data: input, headers });
    const body = (await reply.json()) as { result?: { data: T }; error?: { message: string } };
    if (!body.result) throw new Error(`${procedure}: ${body.error?.message}`);
    return body.result.data;
  }
  const singleSignOn = async (page: Page, email: string) => {
    await page.getByLabel('Email').fill(email);
    await page.getByRole('button', { name: 'Single sign-on' }).click();
  };
  const isIn = (page: Page, name: string) => page.getByRole('button', { name }).waitFor();
  const employ = (name: string) => {
    const person = { sub: `sub-${name}`, email: `${name.toLowerCase()}@${DOMAIN}`, name };
    people.unshift(person);
    return person.email;
  };

  test('an invitation is followed by its link; what one may not is not offered, and one who is removed is out', async () => {
    await owner.goto('/access');
    await owner.getByRole('button', { name: 'Invite' }).click();
    const dialog = owner.getByRole('dialog', { name: 'Invite somebody' });
    await dialog.getByLabel('Email').fill('guest@example.org');
    await dialog.getByRole('button', { name: 'Invite' }).click();
    const link = await dialog.getByLabel('The link of the invitation').textContent();
    await dialog.getByRole('button', { name: 'Done' }).click();

    const guest = await visit(new URL(link ?? '').pathname + new URL(link ?? '').search);
    await guest.getByLabel('Your name').fill('Guest');
    await guest.getByLabel('Password').fill(PASSWORD);
    await guest.getByRole('button', { name: 'Make an account and join' }).click();
    await guest.waitForURL(/\/sign-in/);
    await signIn(guest, 'guest@example.org', PASSWORD);
    await isIn(guest, 'Guest');
    const nav = guest.getByRole('navigation', { name: 'Main' });
    await nav.getByRole('link', { name: 'Runs' }).waitFor();
    expect(await nav.getByRole('link', { name: 'Audit' }).count()).toBe(0);
    await guest.goto('/work-pools');
    await guest.getByRole('link', { name: 'local' }).waitFor();
    expect(await guest.getByRole('button', { name: 'New work pool' }).count()).toBe(0);
    await guest.goto('/audit');
    await guest.getByRole('alert').getByText(`${OWNER_EMAIL} can grant it.`).waitFor();
    await guest.goto('/runs');
    await guest.getByRole('heading', { name: 'Runs', level: 1 }).waitFor();

    await owner.goto('/access');
    await owner.getByRole('button', { name: 'Remove guest@example.org from the organization' }).click();
    await owner.getByRole('alertdialog').getByRole('button', { name: 'Remove from the organization' }).click();
    // Behind an open question nothing has a role: first it goes, then the button of who was removed.
    await owner.getByRole('alertdialog').waitFor({ state: 'detached' });
    await owner.getByRole('button', { name: 'Remove guest@example.org from the organization' }).waitFor({ state: 'detached' });
    // The page that they have open goes with the next thing it asks.
    await guest.getByRole('link', { name: 'Deployments' }).click();
    await guest.getByRole('heading', { name: 'Default is not open to you any more' }).waitFor();
    await guest.getByRole('button', { name: 'Open another workspace' }).click();
    await guest.getByRole('heading', { name: 'You are in no workspace' }).waitFor();
  });

  test('a workspace is made, deleted once its slug is typed, and restored', async () => {
    await owner.goto('/organization');
    await owner.getByRole('button', { name: 'New workspace' }).click();
    await owner.getByLabel('Name').last().fill('Second');
    await owner.getByLabel('Slug').last().fill('second');
    await owner.getByRole('button', { name: 'Create and go there' }).click();
    await owner.waitForURL('/runs');
    await owner.goto('/settings');
    await owner.getByRole('button', { name: 'Delete the workspace' }).click();
    const question = owner.getByRole('alertdialog', { name: 'Delete Second?' });
    expect(await question.getByRole('button', { name: 'Delete the workspace' }).isDisabled()).toBe(true);
    await question.getByLabel(/to confirm/).fill('second');
    await question.getByRole('button', { name: 'Delete the workspace' }).click();
    await owner.getByRole('heading', { name: 'Second is deleted' }).waitFor();
    await owner.getByRole('button', { name: 'Restore it' }).click();
    await owner.getByRole('heading', { name: 'Settings' }).waitFor();
    // Back by the palette.
    await owner.keyboard.press('Control+k');
    await owner.getByRole('combobox', { name: /^Go to/ }).fill('workspace default');
    await owner.getByRole('option', { name: /^Default\b.*switch workspace/ }).click();
    await owner.waitForURL('/runs');
    await owner.getByRole('button', { name: /Default/ }).waitFor();
  });

  test('an organization is deleted once its slug is typed, closed in the grace period, and restored', async () => {
    await owner.goto('/organization');
    const { slug } = await ask<{ slug: string }>('organizations.create', { slug: 'brief', name: 'Brief' });
    const { slug: workspace } = await ask<{ slug: string }>('workspaces.create', { slug: 'short', name: 'Short' }, slug);
    await owner.goto('/runs');
    await owner.keyboard.press('Control+k');
    await owner.getByRole('combobox', { name: /^Go to/ }).fill(`workspace ${workspace}`);
    await owner.getByRole('option', { name: /^Short\b.*switch workspace/ }).click();
    await owner.getByRole('button', { name: /Short/ }).waitFor();
    await owner.goto('/organization');
    await owner.getByRole('button', { name: 'Delete the organization' }).click();
    const question = owner.getByRole('alertdialog', { name: 'Delete Brief?' });
    await question.getByLabel(/to confirm/).fill(slug);
    await question.getByRole('button', { name: 'Delete the organization' }).click();
    await owner.getByRole('status').getByText('Brief is deleted').waitFor();
    await owner.getByRole('button', { name: 'Restore the organization' }).click();
    await owner.getByRole('button', { name: 'Delete the organization' }).waitFor();
    await owner.keyboard.press('Control+k');
    await owner.getByRole('combobox', { name: /^Go to/ }).fill('workspace default');
    await owner.getByRole('option', { name: /^Default\b.*switch workspace/ }).click();
    await owner.getByRole('button', { name: /Default/ }).waitFor();
  });

  test('people of a verified domain sign in at a SAML provider', async () => {
    const { id, record } = await ask<{ id: string; record: { name: string; value: string } }>('sso.addDomain', { domain: DOMAIN });
    records[record.name] = record.value;
    await ask('sso.verifyDomain', { domain: id });
    const answer = { audience: '', postUrl: '' };
    const saml = await startSamlProvider(
      () => people[0] as Person,
      () => answer,
    );
    opened.push(saml);
    const { entryPoint, issuer: idpIssuer, certificate } = saml;
    const made = await ask<{ id: string; callbackUrl: string; metadataUrl: string }>('sso.create', {
      kind: 'saml',
      name: 'Entra',
      entryPoint,
      idpIssuer,
      certificate,
    });
    Object.assign(answer, { audience: made.metadataUrl, postUrl: made.callbackUrl });
    const carol = await visit('/sign-in?next=/account');
    await singleSignOn(carol, employ('Carol'));
    await carol.getByText('by single sign-on').first().waitFor();
    await ask('sso.delete', { connection: made.id });
    // Its sessions end with it.
    await carol.goto('/account');
    await carol.waitForURL(/\/sign-in/);
  });

  test('and at an OpenID provider; where that is required, a password leads there, save an owner’s', async () => {
    const { link } = await ask<{ link: string }>('invitations.create', { email: employ('Bob') });
    await ask('invitations.join', { token: new URL(link).searchParams.get('token'), name: 'Bob', password: PASSWORD });
    const openId = await startOpenIdProvider(`${system.consoleUrl}/api/sso/callback`, () => people);
    opened.push(openId);
    const { issuer, clientId, clientSecret } = openId;
    await ask('sso.create', { kind: 'oidc', name: 'Okta', issuer, clientId, clientSecret });

    const ada = await visit('/sign-in?next=/account');
    await singleSignOn(ada, employ('Ada'));
    await ada.getByText('by single sign-on').first().waitFor();
    await isIn(ada, 'Ada');

    await owner.goto('/security');
    await owner.getByRole('button', { name: 'Require Okta' }).click();
    await owner.getByRole('alertdialog').getByRole('button', { name: 'Require it' }).click();
    await owner.getByText('required', { exact: true }).waitFor();
    const bob = await visit('/sign-in?next=/account');
    await signIn(bob, `bob@${DOMAIN}`, PASSWORD);
    await bob
      .getByRole('alert')
      .getByText(/Your organization signs in with "Okta"/)
      .waitFor();
    await bob.getByRole('button', { name: 'Single sign-on' }).click();
    await bob.getByText('by single sign-on').first().waitFor();
    // The owner came by password, and is still let in.
    await owner.goto('/access');
    await owner.getByRole('heading', { name: 'Access' }).waitFor();
  });

  test('whom the directory makes signs in, and is out once it switches them off', async () => {
    const { secret, baseUrl } = await ask<{ secret: string; baseUrl: string }>('scim.createToken', { name: 'Entra' });
    const scim = async (method: string, path: string, body: object) => {
      const headers = { authorization: `Bearer ${secret}`, 'content-type': 'application/scim+json' };
      const reply = await fetch(`${baseUrl}${path}`, { method, headers, body: JSON.stringify(body) });
      expect(reply.ok, await reply.clone().text()).toBe(true);
      return (await reply.json()) as { id: string };
    };
    const userName = employ('Dora');
    const schemas = ['urn:ietf:params:scim:schemas:core:2.0:User'];
    const { id } = await scim('POST', '/Users', {
      schemas,
      userName,
      externalId: 'dora',
      emails: [{ primary: true, value: userName }],
      active: true,
    });
    const dora = await visit('/sign-in?next=/account');
    await singleSignOn(dora, userName);
    await dora.getByText('by single sign-on').first().waitFor();
    const Operations = [{ op: 'replace', path: 'active', value: false }];
    await scim('PATCH', `/Users/${id}`, { schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations });
    await dora.goto('/account');
    await dora.waitForURL(/\/sign-in/);
  });
});
