/** A page in a real browser, and everything that went wrong in it. */
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

export interface WatchedPage {
  page: Page;
  /** Errors on its console, exceptions, requests to anywhere else. Whoever expects some takes them out. */
  faults: string[];
}

/** The longest wait for something to show up: the machine has other things to do. */
export const patienceMs = 30_000;

export const openBrowser = async (executablePath: string): Promise<Browser> =>
  chromium.launch({
    executablePath,
    // Root, as in containers, has no sandbox of Chromium's.
    chromiumSandbox: process.getuid?.() !== 0,
    timeout: 60_000,
  });

const watch = (page: Page, origin: string): string[] => {
  const faults: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') {
      faults.push(`${message.type()}: ${message.text()} ${message.location().url}`);
    }
  });
  page.on('pageerror', (error) => faults.push(`exception: ${error.stack ?? error.message}`));
  page.on('request', (request) => {
    const { protocol, origin: of } = new URL(request.url());
    if (protocol.startsWith('http') && of !== origin) faults.push(`foreign request: ${request.url()}`);
  });
  return faults;
};

export const desktop = { width: 1_120, height: 720 };
/** The narrowest that the console has to fit into. */
export const phone = { width: 320, height: 640 };

/** In a context of its own: nobody is signed in. */
export const openPage = async (
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<WatchedPage> => {
  const context = await browser.newContext({ viewport: desktop, locale: 'en-GB', ...options });
  context.setDefaultTimeout(patienceMs);
  const page = await context.newPage();
  const faults = watch(page, new URL(url).origin);
  await page.goto(url);
  return { page, faults };
};

export const signIn = async (page: Page, token: string): Promise<void> => {
  await page.getByLabel('Access token').fill(token);
  await page.getByRole('button', { name: 'Sign in' }).click();
};
