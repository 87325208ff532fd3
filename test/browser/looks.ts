/** How the console's pages look: in light and dark, on a desk and on a phone; to people, to axe and to a screen reader. */
import type { Browser, Page } from 'playwright-core';
import { graveFindings } from './axe.ts';
import type { TakePicture } from './pictures.ts';
import { desktop, openPage, phone, signIn } from './watched-page.ts';

interface PageToLookAt {
  /** Of its pictures. */
  name: string;
  hash: string;
  /** Text of something that is there when it is whole. */
  awaited: string;
}

export interface Look {
  name: string;
  colorScheme: 'light' | 'dark';
  viewport: { width: number; height: number };
}

export const looks: readonly Look[] = [
  { name: 'light', colorScheme: 'light', viewport: desktop },
  { name: 'dark', colorScheme: 'dark', viewport: desktop },
  { name: 'phone', colorScheme: 'light', viewport: phone },
  { name: 'phone-dark', colorScheme: 'dark', viewport: phone },
];

/** In px; more than 0: one has to scroll sideways to see all of it. */
export const overhang = async (page: Page): Promise<number> =>
  page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth');

export interface LookOptions {
  url: string;
  token: string;
  takePicture: TakePicture;
  /** Id of a job that runs. */
  running: string;
}

const pagesToLookAt = (running: string): PageToLookAt[] => [
  { name: 'jobs', hash: '#/jobs', awaited: 'Rindfleisch' },
  { name: 'job', hash: `#/jobs/${running}`, awaited: 'words in a plain tone' },
  { name: 'queue', hash: '#/queue', awaited: 'What the scaler did' },
  { name: 'dead-letters', hash: '#/dead-letters', awaited: 'Not of the form of a job' },
  { name: 'nowhere', hash: '#/nowhere', awaited: 'There is nothing here' },
];

const nameOf = (page: PageToLookAt, look: Look): string => `console-${page.name}-${look.name}`;

/** @returns what is wrong with any of the pages in this look. */
export const lookAtPages = async (browser: Browser, look: Look, options: LookOptions): Promise<string[]> => {
  const { colorScheme, viewport } = look;
  const { page, faults } = await openPage(browser, options.url, {
    colorScheme,
    viewport,
    reducedMotion: 'reduce',
  });
  const wrong: string[] = [];
  const examine = async (name: string): Promise<void> => {
    await options.takePicture(page, name);
    const findings = await graveFindings(page);
    wrong.push(...findings.map((finding) => `${name}: ${finding}`));
    const beyond = await overhang(page);
    if (beyond > 0) wrong.push(`${name}: ${beyond} px wider than the window`);
  };
  await examine(`console-sign-in-${look.name}`);
  await signIn(page, options.token);
  for (const one of pagesToLookAt(options.running)) {
    await page.goto(`${options.url}/${one.hash}`);
    await page.getByText(one.awaited).first().waitFor();
    await examine(nameOf(one, look));
  }
  wrong.push(...faults);
  await page.context().close();
  return wrong;
};
