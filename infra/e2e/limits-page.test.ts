/** The console's page of limits in a real browser: who holds, who waits, and that what a person changes there takes effect at once. */
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deploy } from '@signalbox/sdk';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findChromium } from '../test/chromium.ts';
import { launchBrowser, openPage, signIn, type Watched } from '../test-support/browser.ts';
import { runTag } from '../test-support/run-tag.ts';
import { OWNER_EMAIL, type System, startSystem } from '../test-support/system.ts';
import { deployments } from './flows/limited.ts';

const executable = findChromium();

describe.skipIf(!executable)('the page of a limit, in Chromium (skipped where there is none: set CHROMIUM_PATH or install it)', () => {
  let system: System;
  let browser: Browser;
  let watched: Watched;
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'signalbox-limits-'));
    [system, browser] = await Promise.all([startSystem({ tag: runTag(), console: true, slots: 4 }), launchBrowser(executable ?? '')]);
    const url = new URL('./flows/limited.ts', import.meta.url).href;
    const limited = deployments.map((definition) => ({ ...definition, options: { ...definition.options, from: { url } } }));
    await deploy(limited, { client: system.client });
    watched = await openPage(browser, { origin: system.consoleUrl });
    await watched.page.goto('/sign-in');
    await signIn(watched.page, OWNER_EMAIL, system.ownerPassword);
    await watched.page.waitForURL((to) => to.pathname !== '/sign-in');
  }, 420_000);
  afterAll(async () => {
    for (const name of ['holder', 'waiter']) writeFileSync(join(folder, `${name}-open`), '');
    await watched?.[Symbol.asyncDispose]();
    await browser?.close();
    await system?.[Symbol.asyncDispose]();
  });

  const start = (name: string) => system.client.runs.create.mutate({ deployment: 'limited/test', name, parameters: { folder, name } });
  const notes = () => (existsSync(join(folder, 'notes')) ? readFileSync(join(folder, 'notes'), 'utf8') : '');

  test('shows holder and waiter by name, lets the waiter in when slots are added, and deletes after asking', async () => {
    const { page, problems } = watched;
    await start('holder');
    await expect.poll(notes, { timeout: 60_000 }).toContain('holder enters');
    await start('waiter');
    await expect.poll(async () => (await system.client.limits.get.query({ limit: 'one' })).waiting, { timeout: 60_000 }).toBe(1);

    await page.goto('/runs');
    await page.getByRole('link', { name: 'Limits' }).click();
    const row = page.getByRole('listitem').filter({ hasText: 'one' });
    await row.getByText('Full').waitFor();
    await row.getByText('1 request waits').waitFor();
    await row.getByRole('link', { name: 'one' }).click();
    await page.getByRole('heading', { name: 'one', exact: true }).waitFor();
    const part = (title: string) => page.locator('section').filter({ has: page.getByRole('heading', { name: title }) });
    await part('Held by').getByRole('link', { name: 'holder' }).waitFor();
    await part('Waiting, in line').getByRole('link', { name: 'waiter' }).waitFor();

    await page.getByRole('button', { name: 'Change' }).click();
    await page.getByRole('dialog').getByLabel('Slots', { exact: false }).first().fill('2');
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
    await expect.poll(notes, { timeout: 20_000 }).toContain('waiter enters');
    await part('Held by').getByRole('link', { name: 'waiter' }).waitFor();
    await page.getByText('Nobody waits for it.').waitFor();

    await page.getByRole('button', { name: 'Delete one' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Delete the limit' }).click();
    await page.waitForURL((to) => to.pathname === '/limits');
    await expect.poll(() => page.getByRole('listitem').filter({ hasText: 'tag:careful' }).count()).toBe(1);
    expect(problems).toEqual([]);
  });

  test('a limit is made there, and what is wrong is said at its field', async () => {
    const { page } = watched;
    await page.goto('/limits');
    await page.getByRole('button', { name: 'New limit' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('tag:careful');
    await dialog.getByRole('button', { name: 'Create' }).click();
    await dialog.getByText('Limit "tag:careful" exists already.').waitFor();
    await dialog.getByLabel('Name').fill('supplier-api');
    await dialog.getByLabel('Slots that come back').fill('0.5');
    await dialog.getByRole('button', { name: 'Create' }).click();
    await page.waitForURL((to) => to.pathname === '/limits/supplier-api');
    await page.getByText('1 at once, then 0.5 a second').first().waitFor();
    expect(await system.client.limits.get.query({ limit: 'supplier-api' })).toMatchObject({ slots: 1, decayPerSecond: 0.5 });
  });

  test('what the workspace uses is shown beside what its operator lets it use', async () => {
    const { page } = watched;
    await system.sql(
      "INSERT INTO usage_limit (workspace_id, kind, span, most, reason) SELECT id, 'runs', 'day', 3, 'a trial' FROM workspace",
    );
    await page.goto('/usage');
    const runs = page.getByRole('listitem').filter({ has: page.getByRole('heading', { name: 'New runs' }) });
    await runs.getByText(/2 of 3 today.*set by the operator: a trial/).waitFor();
    expect(await runs.getByRole('meter', { name: 'New runs today' }).getAttribute('value')).toBe('2');
    await page.getByRole('button', { name: 'By the day' }).click();
    await page.getByRole('heading', { name: 'The same for every workspace' }).waitFor();
  });
});
