/** Sign-in as people do it in a real browser, and secrets that must be nowhere, before one real system. */
import { randomUUID } from 'node:crypto';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createOTP } from '@better-auth/utils/otp';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { agentSecrets, plant } from '../canary/plant.ts';
import { sweep } from '../canary/sweep.ts';
import { findChromium } from '../test/chromium.ts';
import { launchBrowser, openPage, signIn } from '../test-support/browser.ts';
import { runTag } from '../test-support/run-tag.ts';
import { OWNER_EMAIL, type System, startSystem } from '../test-support/system.ts';

const executable = findChromium();
const secrets = agentSecrets();
let system: System;

beforeAll(async () => {
  system = await startSystem({ tag: runTag(), console: true, agentEnv: secrets, controlPlaneEnv: { SIGNALBOX_PRIVATE_TARGETS: 'allow' } });
}, 420_000);
afterAll(() => system?.[Symbol.asyncDispose]());

test('secrets that were planted, used and mistyped are in no table, log, metric, error body or file of NATS', async () => {
  const swept = await sweep(system, await plant(system, secrets));
  expect(swept.hits).toEqual([]);
  expect(swept.controlIn.some((place) => place.startsWith('table'))).toBe(true);
  expect(swept.errorBodies).toBeGreaterThan(5);
});

test('and what leaks into any of them is found, however it is written', async () => {
  const secret = `canary-leak-${randomUUID()}`;
  const bytes = Buffer.from(secret);
  const { url, folder, client } = system;
  await client.variables.set.mutate({ name: 'leak', value: secret });
  appendFileSync(join(folder, 'control-plane.log'), bytes.toString('base64url'));
  writeFileSync(join(folder, 'jetstream', 'leak.blk'), bytes.toString('hex'));
  // Known by its form alone.
  appendFileSync(join(folder, 'agent.log'), `sbk_${'a'.repeat(49)}`);
  const asked = await fetch(`${url}/trpc/runs.get?input=${encodeURIComponent(JSON.stringify({ run: secret }))}`, {
    headers: { authorization: `Bearer ${system.apiKey}` },
  });
  const leaked = { canaries: [{ kind: 'leak', secret }], errorBodies: [await asked.text()], control: OWNER_EMAIL };
  const { hits } = await sweep(system, leaked);
  expect(new Set(hits.map(({ kind, place }) => `${kind}: ${place}`))).toEqual(
    new Set([
      'leak: table variable',
      'leak: file control-plane.log',
      'leak: file jetstream/leak.blk',
      'leak: an error body',
      'key, code or link of ours: file agent.log',
    ]),
  );
  // The sweep at the end of `npm run canary -- --suite` is to find nothing.
  writeFileSync(join(folder, 'agent.log'), '');
});

describe.skipIf(!executable)('in Chromium (skipped where there is none: set CHROMIUM_PATH or install it)', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser(executable ?? '');
  });
  afterAll(() => browser?.close());

  test('a passkey is added, and signs in without a password', async () => {
    await using watched = await openPage(browser, { origin: system.consoleUrl });
    const { page } = watched;
    const devtools = await page.context().newCDPSession(page);
    await devtools.send('WebAuthn.enable');
    await devtools.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });
    await page.goto('/sign-in?next=/account');
    await signIn(page, OWNER_EMAIL, system.ownerPassword);
    await page.getByText('No passkeys.').waitFor();
    await page.getByRole('button', { name: 'Add a passkey' }).click();
    await page.getByText(/^Passkey of /).waitFor();
    await page.context().clearCookies();
    await page.goto('/sign-in?next=/account');
    await page.getByRole('button', { name: 'Passkey' }).click();
    await page.getByText('by passkey').first().waitFor();
    expect(watched.problems).toEqual([]);
  });

  test('a second factor is set up, and asked for at the next sign-in', async () => {
    await using watched = await openPage(browser, { origin: system.consoleUrl });
    const { page } = watched;
    await page.goto('/sign-in?next=/account');
    await signIn(page, OWNER_EMAIL, system.ownerPassword);
    await page.getByLabel('Your password').fill(system.ownerPassword);
    await page.getByRole('button', { name: 'Set it up' }).click();
    const link = await page.getByRole('link', { name: 'Open in an authenticator app' }).getAttribute('href');
    const code = () => createOTP(fromBase32(new URL(link ?? '').searchParams.get('secret') ?? '')).totp();
    await page.getByLabel('Code from the app').fill(await code());
    await page.getByRole('button', { name: 'Switch it on' }).click();
    await page.getByText('signing in with the password asks for a code').waitFor();
    await page.context().clearCookies();
    await page.goto('/sign-in?next=/account');
    await signIn(page, OWNER_EMAIL, system.ownerPassword);
    await page.getByLabel('Code').fill(await code());
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('by password and code').first().waitFor();
    expect(watched.problems).toEqual([]);

    await page.goto('/security');
    await page.getByText('No domains.').waitFor();
    await page.getByLabel('Add a domain').fill('example.com');
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByText(/_signalbox\.example\.com TXT/).waitFor();
    expect(watched.problems).toEqual([]);
    if (process.env['SIGNALBOX_SCREENSHOTS']) {
      await page.screenshot({ path: `${process.env['SIGNALBOX_SCREENSHOTS']}/security.png`, fullPage: true });
      await page.goto('/account');
      await page.getByText('by password and code').first().waitFor();
      await page.screenshot({ path: `${process.env['SIGNALBOX_SCREENSHOTS']}/account.png`, fullPage: true });
    }
  });
});

function fromBase32(text: string): string {
  let bits = '';
  for (const letter of text.replaceAll('=', '')) bits += 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0');
  return (bits.match(/.{8}/g) ?? []).map((byte) => String.fromCharCode(Number.parseInt(byte, 2))).join('');
}
