/** The pages that the api renders itself, to people and to axe: the reference, the errors, and the start page without a console. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApi, type TestApi } from '../../services/api/src/testing/test-api.ts';
import { graveFindings } from './axe.ts';
import { ensureChromium } from './ensure-chromium.ts';
import { looks, overhang } from './looks.ts';
import { openBrowser, openPage } from './watched-page.ts';

const chromium = await ensureChromium(process.env);
const pages = ['/docs', '/docs/errors', '/'];

describe.skipIf(chromium === undefined)('the pages of the api', () => {
  let api: TestApi;
  let browser: Browser;

  beforeAll(async () => {
    api = await startTestApi();
    browser = await openBrowser(chromium ?? '');
  }, 120_000);
  afterAll(async () => {
    await browser.close();
    await api.close();
  });

  test.each(looks)('keep nobody out and fit the window, $name', async ({ colorScheme, viewport }) => {
    for (const path of pages) {
      const { page, faults } = await openPage(browser, api.publicUrl + path, { colorScheme, viewport });
      expect([path, await graveFindings(page)]).toEqual([path, []]);
      expect([path, await overhang(page)]).toEqual([path, 0]);
      expect(faults).toEqual([]);
      await page.context().close();
    }
  });

  test('can be gone through by keyboard: the first stop leads past the contents', async () => {
    const { page } = await openPage(browser, `${api.publicUrl}/docs`);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.waitForURL(/#begin$/);
    await page.keyboard.press('Tab');
    const focused = await page.evaluate<string>(
      'document.activeElement.closest("section")?.id ?? "elsewhere"',
    );
    expect(focused).toBe('begin');
    await page.context().close();
  });
});
