/** The console in a real browser before a real system: what people do there, and that nothing goes wrong on the side. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deploy } from '@signalbox/sdk';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { findChromium } from '../test/chromium.ts';
import { launchBrowser, openPage, signIn, type Watched } from '../test-support/browser.ts';
import { runTag } from '../test-support/run-tag.ts';
import { OWNER_EMAIL, type System, startSystem } from '../test-support/system.ts';
import { deployments } from './flows/gated.ts';

const executable = findChromium();
if (!executable && process.env['CI']) throw new Error('no Chromium was found: set CHROMIUM_PATH or install it');

describe.skipIf(!executable)('the console, in Chromium (skipped where there is none: set CHROMIUM_PATH or install it)', () => {
  let system: System;
  let browser: Browser;
  let session: Awaited<ReturnType<BrowserContext['storageState']>>;
  let watched: Watched;
  let page: Page;

  beforeAll(async () => {
    [system, browser] = await Promise.all([
      startSystem({ tag: runTag(), console: true, examples: true, slots: 2 }),
      launchBrowser(executable ?? ''),
    ]);
    const url = new URL('./flows/gated.ts', import.meta.url).href;
    const gated = deployments.map((definition) => ({ ...definition, options: { ...definition.options, from: { url } } }));
    await deploy(gated, { client: system.client });
    const { page: first, ...opened } = await openPage(browser, { origin: system.consoleUrl });
    await first.goto('/sign-in');
    await signIn(first, OWNER_EMAIL, system.ownerPassword);
    await first.waitForURL((to) => to.pathname !== '/sign-in');
    session = await first.context().storageState();
    await opened[Symbol.asyncDispose]();
  }, 420_000);
  afterAll(async () => {
    // Runs outlive their agent: after a test that failed half-way, none may be left waiting.
    for (const folder of gates) writeFileSync(join(folder, 'open'), '');
    await browser?.close();
    await system?.[Symbol.asyncDispose]();
    for (const folder of gates) rmSync(folder, { recursive: true, force: true });
  });

  const gates: string[] = [];
  const gate = () => {
    const folder = mkdtempSync(join(tmpdir(), 'signalbox-gate-'));
    gates.push(folder);
    return folder;
  };
  const open = async (signedIn = true) => {
    watched = await openPage(browser, { origin: system.consoleUrl, ...(signedIn ? { session } : {}) });
    page = watched.page;
  };
  const address = () => page.url().slice(system.consoleUrl.length);
  const badge = (word: string) => page.getByRole('status').filter({ hasText: new RegExp(`^${word}$`) });
  const tab = (name: string) => page.getByRole('tab', { name });

  beforeEach(() => open());
  afterEach(async () => {
    const { problems } = watched;
    await watched[Symbol.asyncDispose]();
    expect(problems).toEqual([]);
  });

  test('a wrong password is refused in words, the right one leads to the page that was asked for', async () => {
    await watched[Symbol.asyncDispose]();
    await open(false);
    await page.goto('/runs?state=FAILED&range=24h');
    expect(address()).toBe(`/sign-in?next=${encodeURIComponent('/runs?state=FAILED&range=24h')}`);
    await signIn(page, OWNER_EMAIL, 'not the password');
    await page.getByRole('alert').getByText('Email and password do not match.').waitFor();
    // The refusal itself, and Chromium's line about it.
    expect(watched.problems.splice(0)).toEqual([expect.stringMatching(/401/), expect.stringMatching(/401/)]);
    await signIn(page, OWNER_EMAIL, system.ownerPassword);
    await page.waitForURL('/runs?state=FAILED&range=24h');
    await page.getByRole('heading', { name: 'No run fits this filter' }).waitFor();
  });

  test('a run started from the form of its schema is followed to its end, without a reload', async () => {
    const { id } = await system.client.deployments.get.query({ deployment: 'weather/daily' });
    await page.goto(`/deployments/${id}`);
    await page.evaluate(() => Object.assign(window, { isSamePage: true }));
    await page.getByRole('button', { name: 'Run daily' }).click();
    const dialog = page.getByRole('dialog', { name: 'Run weather/daily' });

    await dialog.getByLabel('threshold').fill('-1');
    await dialog.getByLabel('years 2').fill('2050');
    await dialog.getByRole('button', { name: 'Run now' }).click();
    await expectFieldError('threshold', 'Expected at least 0, got -1.');
    await expectFieldError('years 2', 'Expected at most 2015, got 2050.');
    expect(await system.client.runs.list.query({ deployment: 'weather/daily' })).toMatchObject({ items: [] });

    await dialog.getByLabel('threshold').fill('5');
    await dialog.getByLabel('years 2').fill('2013');
    await dialog.getByRole('button', { name: 'Run now' }).click();
    await page.waitForURL(/\/runs\/run_/);
    await badge('Completed').waitFor();

    const rows = page.getByRole('list', { name: 'Task runs' });
    await rows.getByRole('button', { name: /^extract , Completed, .*attempt 2$/ }).waitFor();
    await rows.getByRole('button', { name: /^month-figures 2012-01 , Completed/ }).waitFor();
    await page.getByRole('heading', { name: 'Timeline 51 task runs' }).waitFor();
    const log = page.getByRole('log', { name: 'Logs' });
    await log.getByText('1461 days are valid').waitFor();
    await log.getByText(/answered 503 Service Unavailable; the next begins in 250 ms/).waitFor();
    await log.getByText('48 months stored, 48 of them new or changed').waitFor();

    await tab('Artifacts').click();
    await page.getByRole('heading', { name: 'Weather in Seattle, 2012-01 to 2015-12' }).waitFor();
    await page.getByText('of 1461 days had 5 mm of rain or more.').waitFor();
    const table = page.getByRole('region', { name: 'One row a month' }).getByRole('row');
    expect(await table.count()).toBe(1 + 48);
    expect(await table.nth(1).getByRole('cell').allTextContents()).toContain('2012-01');
    expect(await page.evaluate(() => 'isSamePage' in window)).toBe(true);
  });

  test('a long run says what it does while it runs, and is cancelled once that is confirmed', async () => {
    const folder = gate();
    const run = await system.client.runs.create.mutate({ deployment: 'gated/test', parameters: { folder, steps: 3 } });
    await page.goto(`/runs/${run.id}`);
    await badge('Running').waitFor();
    await page.getByRole('heading', { name: 'Timeline 3 task runs' }).waitFor();
    await page.getByRole('log', { name: 'Logs' }).getByText('step 3').waitFor();

    await page.getByRole('button', { name: 'Cancel', exact: true }).click();
    const question = page.getByRole('alertdialog', { name: `Cancel ${run.name}?` });
    await question.getByRole('button', { name: 'Let it go on' }).click();
    await question.waitFor({ state: 'detached' });
    await badge('Running').waitFor();

    await page.getByRole('button', { name: 'Cancel', exact: true }).click();
    await question.getByRole('button', { name: 'Cancel the run' }).click();
    await badge('Cancelled').waitFor();
    expect(await system.client.runs.get.query({ run: run.id })).toMatchObject({ state: { type: 'CANCELLED' } });
  });

  test('a filter of the runs list stands in the URL, and the URL brings it back', async () => {
    const folder = gate();
    writeFileSync(join(folder, 'open'), '');
    const name = `filtered-${Date.now()}`;
    await system.client.runs.create.mutate({ deployment: 'gated/test', name, parameters: { folder, steps: 1 } });
    await page.goto('/runs');
    const found = page.getByRole('table', { name: 'Runs' }).getByRole('link', { name });
    await found.waitFor();

    await page.getByRole('button', { name: 'Completed', exact: true }).click();
    await page.waitForURL(/state=COMPLETED/);
    await page.getByLabel('Flow').selectOption('gated');
    await page.waitForURL(/flow=gated/);
    await page.getByLabel('Search runs by name or id').fill(name);
    // Written out, not read from the page: Next may step back to the URL of a render that ends late, for an instant.
    const filtered = `/runs?state=COMPLETED&flow=gated&q=${name}`;
    await page.waitForURL(filtered);
    // The list follows by itself when the run comes to fit.
    await found.waitFor();

    await page.goto('/agents');
    await page.goto(filtered);
    await found.waitFor();
    expect(await page.getByRole('button', { name: 'Completed', exact: true }).getAttribute('aria-pressed')).toBe('true');
    await expect.poll(() => page.getByLabel('Search runs by name or id').inputValue()).toBe(name);

    await page.getByRole('button', { name: 'Failed', exact: true }).click();
    await page.getByRole('heading', { name: 'No run fits this filter' }).waitFor();
    await page.getByRole('button', { name: 'Clear the filter' }).click();
    await page.waitForURL('/runs');
  });

  test('a pool shows that its agent is online, and the one command that installs another', async () => {
    await page.goto('/work-pools');
    await page.getByRole('link', { name: 'local' }).click();
    await page.waitForURL('/work-pools/local');
    await page.getByRole('row', { name: /^Online agent\b/ }).waitFor();
    await page.getByRole('button', { name: 'Install an agent' }).click();
    await page.getByRole('button', { name: 'Make a join code' }).click();
    const command = await page.getByLabel('Command that installs and starts the agent').textContent();
    expect(command).toContain('@signalbox/agent');
    expect(command).toContain(system.consoleUrl);
    await page.getByText('Waiting for the agent. It appears here as soon as it has joined.').waitFor();
  });

  test('an automation begins as a template, runs a deployment when its event comes, and says what it did and why', async () => {
    await page.goto('/automations/new');
    await page.getByRole('button', { name: /^Run a deployment when an event comes/ }).click();
    await page.getByLabel('Names of events').fill('guests.arrived');
    await page.getByLabel('Deployment', { exact: true }).fill('hello/default');
    await page.getByLabel('Parameters').fill('{ "who": "{{ event.resource.name }}" }');
    await page.getByRole('textbox', { name: /^Name ?required$/ }).fill('Greet guests');
    await page.getByRole('tab', { name: 'Text' }).click();
    await expect.poll(() => page.getByRole('textbox', { name: 'Automation' }).inputValue()).toMatch(/deployment: hello\/default/);
    await page.getByRole('tab', { name: 'Form' }).click();
    await page.getByRole('button', { name: 'Create' }).click();
    await page.getByRole('heading', { name: 'Greet guests' }).waitFor();

    await system.client.events.emit.mutate({ events: [{ name: 'guests.arrived', resource: { id: 'guest:1', name: 'Ada' } }] });
    const firing = page.getByRole('list', { name: 'Firings' }).getByRole('listitem').filter({ hasText: 'guests.arrived' }).first();
    await firing.getByText('Run a deployment: done').waitFor();
    await firing.getByRole('link', { name: /guests.arrived/ }).click();
    await page.getByRole('heading', { name: 'guests.arrived' }).waitFor();
    await page.getByRole('list', { name: 'Firings' }).getByRole('link', { name: 'Greet guests' }).waitFor();
    const graph = page.getByRole('list', { name: 'Causes and effects' });
    await graph.getByRole('link', { name: /guests.arrived Ada this one/ }).waitFor();
    await graph.getByRole('link', { name: /automation.fired/ }).waitFor();
    await graph.getByRole('link', { name: /Run a deployment: done/ }).waitFor();
    await graph.getByRole('link', { name: /run.Scheduled/ }).waitFor();

    const [run] = (await system.client.runs.list.query({ deployment: 'hello/default' })).items;
    await page.goto(`/runs/${run?.id}`);
    await page.getByRole('log', { name: 'Logs' }).getByText('Hello, Ada!').waitFor();

    await page.goto('/events?name=guests.*');
    await page.getByRole('list', { name: 'Events' }).getByRole('link', { name: 'guests.arrived' }).waitFor();
    await page.getByRole('img', { name: /^1 event over time/ }).waitFor();

    const { url } = await system.client.webhooks.create.mutate({ name: 'door' });
    await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"type":"bell.rung"}' });
    await page.goto('/webhooks');
    await page.getByRole('button', { name: 'Log of door' }).click();
    await page.getByRole('list', { name: 'What came in' }).getByRole('link', { name: 'its event' }).click();
    await page.waitForURL(/\/events\/\d+$/);
    await page.getByRole('heading', { name: 'hook.door' }).waitFor();
  });

  test('an incident is declared from the page of a failed run by keys alone, and each leads to the other', async () => {
    const run = await system.client.runs.create.mutate({ deployment: 'shell/default', parameters: { command: 'exit 3' } });
    await page.goto(`/runs/${run.id}`);
    await badge('Failed').waitFor();
    await page.getByRole('button', { name: /^Incident about shell\/default/ }).focus();
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Incident' });
    await dialog.waitFor();
    await page.keyboard.press('Escape');
    // The focus is back at the button.
    await page.waitForFunction(() => document.activeElement?.getAttribute('aria-label')?.startsWith('Incident about'));
    await page.keyboard.press('Enter');
    // It begins at the choice of an incident; the title is next.
    await page.waitForFunction(() => document.activeElement?.tagName === 'SELECT');
    await page.keyboard.press('Tab');
    await page.keyboard.press('ControlOrMeta+a');
    await page.keyboard.type('No weather');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/incidents\/inc_/);
    await page.getByRole('heading', { name: 'No weather' }).waitFor();
    await page.getByRole('link', { name: run.name, exact: true }).click();
    await page.waitForURL(`/runs/${run.id}`);
    await page.getByRole('link', { name: 'No weather' }).waitFor();
    const { items } = await system.client.incidents.list.query({ about: run.id });
    expect(items).toMatchObject([{ title: 'No weather', status: 'open', declaredBy: OWNER_EMAIL }]);
    await page.getByRole('link', { name: /failures? like this/ }).click();
    await page.waitForURL(/\/failures\/fail_/);
    await page.getByRole('link', { name: run.name, exact: true }).waitFor();
  });

  test('the dark theme is chosen in the menu, and is there from the first paint on', async () => {
    const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    await page.goto('/runs');
    const light = await ground();
    await page.getByRole('button', { name: 'Owner' }).click();
    await page.getByRole('menuitemradio', { name: 'Dark' }).click();
    await expect.poll(ground).not.toBe(light);
    const dark = await ground();
    await page.goto('/agents', { waitUntil: 'commit' });
    await page.locator('body').waitFor();
    expect(await ground()).toBe(dark);
  });

  /** The control says that it is invalid, and the text tied to it says why. */
  async function expectFieldError(label: string, text: string): Promise<void> {
    const control = page.getByLabel(label);
    await expect.poll(() => control.getAttribute('aria-invalid')).toBe('true');
    const ids = ((await control.getAttribute('aria-describedby')) ?? '').split(' ');
    const said = await Promise.all(ids.map((id) => page.locator(`[id="${id}"]`).textContent()));
    expect(said).toContain(text);
  }
});
