/** A system, a browser, and a person before the console in it. */
import type { Browser, Page } from 'playwright-core';
import type { System } from '../../dev/system/start-system.ts';
import {
  startWebhookReceiver,
  type WebhookReceiver,
} from '../../services/api/src/testing/webhook-receiver.ts';
import { createSystemClient, type SystemClient } from '../client/system-client.ts';
import { startConsoleSystem } from './console-system.ts';
import { createPerson, type Person } from './person.ts';
import { openBrowser, openPage, type WatchedPage } from './watched-page.ts';

export interface Stage {
  system: System;
  client: SystemClient;
  /** Takes what the system's webhooks tell. */
  receiver: WebhookReceiver;
  browser: Browser;
  watched: WatchedPage;
  page: Page;
  /** Who sits before the page. */
  me: Person;
  clear: () => Promise<void>;
}

export const setStage = async (chromium: string): Promise<Stage> => {
  const receiver = await startWebhookReceiver();
  const system = await startConsoleSystem();
  const browser = await openBrowser(chromium);
  const watched = await openPage(browser, system.apiUrl);
  const clear = async (): Promise<void> => {
    await browser.close();
    await Promise.all([system.stop(), receiver.close()]);
  };
  const { page } = watched;
  const me = createPerson(page, system.apiUrl);
  return { system, client: createSystemClient(system), receiver, browser, watched, page, me, clear };
};
