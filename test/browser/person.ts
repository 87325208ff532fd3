/** What a person does at the console, and waits for. */
import { waitUntil } from '@factorial/core/testing/wait-until';
import type { Locator, Page } from 'playwright-core';
import { patienceMs } from './watched-page.ts';

export interface Person {
  /** Opens the page behind this part of the address. */
  goTo: (hash: string) => Promise<void>;
  button: (name: string) => Locator;
  /** Presses a button and then the same in the dialog that asks. */
  confirm: (name: string) => Promise<void>;
  /** Waits, usually 30 s at the most. */
  until: (what: string, condition: () => Promise<boolean>, timeoutMs?: number) => Promise<void>;
  /** On a job's page: waits for this word. */
  untilState: (state: string) => Promise<void>;
  /** On a job's page: its steps, as text. */
  timeline: () => Promise<string>;
  /** Whatever carries this name for a screen reader. */
  region: (name: string) => Locator;
  /** Of what has the focus. */
  focused: (property: 'id' | 'textContent') => Promise<string>;
}

export const textOf = async (locator: Locator): Promise<string> => (await locator.textContent()) ?? '';

/** @param url of the console. */
export const createPerson = (page: Page, url: string): Person => {
  const button = (name: string): Locator => page.getByRole('button', { name, exact: true });
  const region = (name: string): Locator => page.getByRole('region', { name, exact: true });
  const until: Person['until'] = async (what, condition, timeoutMs = patienceMs) => {
    await waitUntil(condition, { timeoutMs, what, pollMs: 50 });
  };
  return {
    button,
    region,
    until,
    goTo: async (hash) => {
      await page.goto(`${url}/${hash}`);
    },
    confirm: async (name) => {
      await button(name).click();
      await page.getByRole('dialog').getByRole('button', { name }).click();
      await page.getByRole('dialog').waitFor({ state: 'detached' });
    },
    untilState: async (state) => {
      const badge = region('State').locator('.badge');
      await until(`the job is ${state}`, async () => (await textOf(badge)).trim() === state);
    },
    timeline: async () => textOf(page.locator('.steps')),
    focused: async (property) => page.evaluate<string>(`document.activeElement.${property}`),
  };
};
