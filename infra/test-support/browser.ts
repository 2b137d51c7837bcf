/** A headless Chromium, and pages that remember what went wrong on them. */
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { isRoot } from '../dev/paths.ts';

export type Watched = AsyncDisposable & {
  readonly page: Page;
  /** Errors on the console, uncaught ones, answers of 400 and more, and requests to another origin, as they came. */
  readonly problems: string[];
};

/** Chromium's sandbox refuses to work for root. */
export const launchBrowser = (executablePath: string): Promise<Browser> =>
  chromium.launch({ executablePath, args: isRoot() ? ['--no-sandbox'] : [] });

/** A page of its own context, so that no test sees another's cookies. `session` is the storage state of a signed-in context. */
export async function openPage(
  browser: Browser,
  { origin, session }: { origin: string; session?: Awaited<ReturnType<BrowserContext['storageState']>> },
): Promise<Watched> {
  const context = await browser.newContext({
    baseURL: origin,
    viewport: { width: 1440, height: 900 },
    colorScheme: 'light',
    ...(session ? { storageState: session } : {}),
  });
  const page = await context.newPage();
  const problems: string[] = [];
  page.on('console', (message) => message.type() === 'error' && problems.push(`console: ${message.text()}`));
  page.on('pageerror', (error) => problems.push(`uncaught: ${error.message}`));
  page.on('response', (response) => response.status() >= 400 && problems.push(`${response.status()} ${response.url()}`));
  page.on('request', (request) => {
    const { origin: asked, protocol } = new URL(request.url());
    if (protocol !== 'data:' && protocol !== 'blob:' && asked !== origin) problems.push(`request to ${request.url()}`);
  });
  page.on('websocket', (socket) => problems.push(`websocket to ${socket.url()}`));
  return { page, problems, [Symbol.asyncDispose]: () => context.close() };
}

/** Signs in as the form does, on the page that it is at. */
export async function signIn(page: Page, email: string, password: string): Promise<void> {
  await page.getByLabel('Email').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}
