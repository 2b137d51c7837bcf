/** `npm run docs:screenshots`: makes the pictures of the documentation from runs of the examples on a system of its own. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { ROOT } from '../dev/paths.ts';
import { findChromium } from '../test/chromium.ts';
import { launchBrowser, openPage, signIn } from '../test-support/browser.ts';
import { OWNER_EMAIL, startSystem } from '../test-support/system.ts';

/** Shown as "in 6 h": what is left of an hour is cut. */
const LATER_MS = 6 * 3_600_000 + 60_000;
const folder = join(ROOT, 'docs/images');

const chromium = findChromium();
if (!chromium) throw new Error('no Chromium was found: set CHROMIUM_PATH or install it');
mkdirSync(folder, { recursive: true });

await using system = await startSystem({ tag: `docs-${process.pid}`, console: true, examples: true, slots: 2 });
await using browser = await launchBrowser(chromium);
await using watched = await openPage(browser, { origin: system.consoleUrl });
const { page, problems } = watched;

await page.goto('/runs');
await signIn(page, OWNER_EMAIL, system.ownerPassword);
await page.waitForURL('/runs');

// One of each that a list may hold: ended well, failed, cancelled, at work, and one for later.
await ended('weather/daily', { years: [2012, 2013] });
await ended('shell/default', { command: 'echo "no such host" >&2; exit 3' });
await ended('hello/default', { who: 'Ada' });
const cancelled = await start('shell/default', { command: 'sleep 60' });
await page.goto(`/runs/${cancelled}`);
await badge(page, 'Running').waitFor();
await system.client.runs.cancel.mutate({ run: cancelled });
await badge(page, 'Cancelled').waitFor();
const run = await ended('weather/daily', { threshold: 5 });
await page.getByRole('heading', { name: 'Timeline 51 task runs' }).waitFor();
await page.getByRole('log', { name: 'Logs' }).getByText('End of the log').waitFor();
await page
  .getByRole('log', { name: 'Logs' })
  .getByText(/48 months stored/)
  .waitFor();
await shoot('run-page.png');

await start('weather/daily', { years: [2015] }, new Date(Date.now() + LATER_MS));
const working = await start('shell/default', { command: 'sleep 60' });
await page.goto(`/runs/${working}`);
await badge(page, 'Running').waitFor();
await page.context().addCookies([{ name: 'signalbox_theme', value: 'dark', url: system.consoleUrl }]);
await page.goto('/runs');
await page.locator(`a[href="/runs/${run}"]`).waitFor();
await page.getByText('Live', { exact: true }).waitFor();
await shoot('runs-dark.png');

// Runs outlive their agent: nothing may be at work when the system is taken down.
await system.client.runs.cancel.mutate({ run: working });
await page.goto(`/runs/${working}`);
await badge(page, 'Cancelled').waitFor();

if (problems.length > 0) throw new Error(`the console had problems:\n${problems.join('\n')}`);

function badge(on: Page, word: string) {
  return on.getByRole('status').filter({ hasText: new RegExp(`^${word}$`) });
}

async function start(deployment: string, parameters: Record<string, unknown>, dueAt?: Date): Promise<string> {
  const created = await system.client.runs.create.mutate({ deployment, parameters, ...(dueAt ? { dueAt: dueAt.toISOString() } : {}) });
  return created.id;
}

/** Starts a run and looks at its page until it has ended. */
async function ended(deployment: string, parameters: Record<string, unknown>): Promise<string> {
  const id = await start(deployment, parameters);
  await page.goto(`/runs/${id}`);
  await badge(page, '(Completed|Failed)').waitFor();
  return id;
}

async function shoot(name: string): Promise<void> {
  await page.evaluate(() => document.fonts.ready);
  await page.mouse.move(0, 0);
  await page.screenshot({ path: join(folder, name), animations: 'disabled' });
  process.stdout.write(`docs/images/${name}\n`);
}
