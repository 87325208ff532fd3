import { readFile } from 'node:fs/promises';
import { queueName } from '@factorial/core/queue/topology';
import { sendRaw } from '@factorial/core/testing/test-rabbit';
import { waitUntil } from '@factorial/core/testing/wait-until';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { System } from '../../dev/system/start-system.ts';
import { createSystemClient, type SystemClient } from '../client/system-client.ts';
import { consoleBytes } from './console-size.ts';
import { startConsoleSystem } from './console-system.ts';
import { ensureChromium } from './ensure-chromium.ts';
import { looks, lookAtPages } from './looks.ts';
import { createPictures, type TakePicture } from './pictures.ts';
import { openBrowser, openPage, patienceMs, signIn, type WatchedPage } from './watched-page.ts';

const chromium = await ensureChromium(process.env);

/** The issue allows 150 kB; what is small shall stay so. */
const mostBytes = 60_000;

let system: System;
let client: SystemClient;
let browser: Browser;
let takePicture: TakePicture;
let watched: WatchedPage;
let page: Page;

describe.skipIf(chromium === undefined)('the console', () => {
  beforeAll(async () => {
    takePicture = await createPictures(process.env);
    system = await startConsoleSystem();
    client = createSystemClient(system);
    browser = await openBrowser(chromium ?? '');
    watched = await openPage(browser, system.apiUrl);
    page = watched.page;
  }, 180_000);
  afterAll(async () => {
    await browser.close();
    await system.stop();
  });
  afterEach(() => expect(watched.faults.splice(0)).toEqual([]));

  const story = (about: string, input: object) => ({ task: 'story', input: { about, ...input } });
  const button = (name: string): Locator => page.getByRole('button', { name, exact: true });
  const badge = (): Locator => page.getByRole('region', { name: 'State' }).locator('.badge');
  const goTo = async (hash: string): Promise<void> => void (await page.goto(`${system.apiUrl}/${hash}`));
  const textOf = async (locator: Locator): Promise<string> => (await locator.textContent()) ?? '';

  const until = async (what: string, condition: () => Promise<boolean>): Promise<void> => {
    await waitUntil(condition, { timeoutMs: patienceMs, what, pollMs: 50 });
  };
  const untilState = async (state: string): Promise<void> =>
    until(`the job is ${state}`, async () => (await textOf(badge())).trim() === state);
  /** Presses a button and then the same in the dialog that asks. */
  const confirmed = async (name: string): Promise<void> => {
    await button(name).click();
    await page.getByRole('dialog').getByRole('button', { name }).click();
  };

  test('is small on its way to a browser', async () => {
    const bytes = await consoleBytes();
    console.info(`the console: ${bytes} bytes compressed`);
    expect(bytes).toBeLessThan(mostBytes);
  });

  test('says why it lets nobody in, and lets in who has a token', async () => {
    await signIn(page, 'no token');
    await page.getByText('This is no JSON Web Token').waitFor();
    await signIn(page, `${system.token.slice(0, -4)}AAAA`);
    await page.getByText('The token was refused.').waitFor();
    expect(watched.faults.splice(0)).toEqual([expect.stringContaining('401')]);
    await signIn(page, `export TOKEN=${system.adminToken}`);
    await page.getByRole('heading', { name: 'Your jobs' }).waitFor();
    await page.getByText('expires in 30 days').waitFor();
    await page.getByText('No jobs yet').waitFor();
  });

  test('makes a form of a task, and shows at its fields what is wrong', async () => {
    await page.getByLabel('Task', { exact: true }).first().selectOption('story');
    await page.getByLabel('Words', { exact: true }).fill('0');
    await button('Submit').click();
    await page.getByText('has to be 1 or more').waitFor();
    expect(await page.getByLabel('Words', { exact: true }).getAttribute('aria-invalid')).toBe('true');
    expect(await page.evaluate<string>('document.activeElement.id')).toBe('field/input/words');

    // A rule that only the api knows.
    await page.getByLabel('Words', { exact: true }).fill('60');
    for (const index of [1, 2]) {
      await button('Add to Tags').click();
      await page.getByLabel(`Tag ${index}`, { exact: true }).fill('grün');
    }
    await button('Submit').click();
    await page.getByText('must NOT have duplicate items').waitFor();
    expect(watched.faults.splice(0)).toEqual([expect.stringContaining('422')]);
    await button('Remove Tag 2').click();
  });

  test('submits, and shows how the job goes without anybody reloading', async () => {
    await page.getByLabel(/^About/).fill('Ödön');
    await page.getByLabel('Milliseconds a word').fill('150');
    await button('Submit').click();
    const row = page.locator('.row').first();
    await row.getByText('Running').waitFor();
    await page.getByText('Live', { exact: true }).waitFor();
    const progress = row.getByRole('progressbar');
    await progress.waitFor();
    const before = Number(await progress.getAttribute('value'));
    await until('the progress grows', async () => Number(await progress.getAttribute('value')) > before);

    await page.getByRole('link', { name: 'Watch it' }).click();
    await page.getByRole('heading', { level: 1, name: /^story/ }).waitFor();
    const output = page.getByRole('region', { name: 'Output so far' });
    await output.waitFor();
    const soFar = await textOf(output);
    await until('more output comes', async () => (await textOf(output)).length > soFar.length);
    await page.getByRole('region', { name: 'Log' }).getByText('60 words in a plain tone').waitFor();
    await takePicture(page, 'console-job');

    await untilState('Done');
    const final = await textOf(page.getByRole('region', { name: 'Output', exact: true }));
    expect(final).toContain('Ödön through the long grass');
    expect(await textOf(page.locator('.steps'))).toMatch(/Accepted.*Attempt 1 started.*Done/s);
  });

  test('copies an output, and saves it as a file', async () => {
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await button('Copy output').click();
    await button('Copied').waitFor();
    expect(await page.evaluate<string>('navigator.clipboard.readText()')).toContain('Ödön through');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: /^Download/ }).click(),
    ]);
    expect(download.suggestedFilename()).toMatch(/^story-[0-9a-f]{8}\.txt$/);
    expect(await readFile(await download.path(), 'utf8')).toContain('Ödön through');
  });

  test('only links to an output that is large, and shows its beginning when asked', async () => {
    const id = await client.accepted({ n: 20_000 });
    await goTo(`#/jobs/${id}`);
    await untilState('Done');
    await page.getByText('It has 77.3 kB and is not shown here as a whole.').waitFor();
    await button('Show its beginning').click();
    const head = await textOf(page.getByRole('region', { name: 'Beginning of the output' }));
    expect(head.slice(0, 10)).toBe('1819206320');
  });

  test('cancels a job and sends it again', async () => {
    const id = await client.accepted(story('x', { words: 400, msPerWord: 100 }));
    await goTo(`#/jobs/${id}`);
    await untilState('Running');
    await button('Cancel the job').click();
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await confirmed('Cancel the job');
    await untilState('Cancelled');
    await confirmed('Retry');
    await until('it runs again', async () =>
      (await textOf(page.locator('.steps'))).includes('Attempt 2 started'),
    );
    await untilState('Running');
    await confirmed('Cancel the job');
    await untilState('Cancelled');
    expect(await textOf(page.locator('.steps'))).toMatch(/Cancelled.*Sent again.*Attempt 2.*Cancelled/s);
    await confirmed('Delete');
    await page.getByRole('heading', { name: 'Your jobs' }).waitFor();
    expect((await client.call(`/v1/jobs/${id}`)).status).toBe(410);
  });

  test('tells why an attempt failed and that it is tried again', async () => {
    const id = await client.accepted(story('x', { words: 4, failures: 1 }));
    await goTo(`#/jobs/${id}`);
    await untilState('Done');
    expect(await textOf(page.locator('.steps'))).toMatch(
      /Attempt 1 failed.*The pen broke.*Attempt 2 started.*Done/s,
    );
    expect(await textOf(page.getByRole('region', { name: 'Log' }))).toMatch(/attempt 1 ─.*attempt 2 ─/s);
  });

  test('shows the queue moving while workers come and go, and why', async () => {
    await goTo('#/queue');
    await button('5 min').click();
    await page.getByRole('heading', { name: 'Pool factorial' }).waitFor();
    const figure = (name: string): Locator => page.locator('.figure', { hasText: name }).locator('.numbers');
    const figureIs = async (name: string, value: number): Promise<void> =>
      until(`${name} is ${value}`, async () => Number(await textOf(figure(name))) === value);
    await figureIs('Workers', 1);
    const line = page.locator('.series-waiting path.series-line').first();
    const before = await line.getAttribute('d');
    const ids = await Promise.all(
      Array.from({ length: 9 }, async (_, index) =>
        client.accepted(story(`Nº ${index}`, { words: 50, msPerWord: 100 })),
      ),
    );
    await until('jobs wait', async () => Number(await textOf(figure('Waiting'))) > 2);
    await figureIs('Workers', 3);
    expect(await line.getAttribute('d')).not.toBe(before);
    await page.getByText('1 → 3 workers').or(page.getByText('2 → 3 workers')).first().waitFor();
    await page.getByText('As a table').first().click();
    await page.getByRole('region', { name: 'Jobs, as a table' }).getByRole('row').nth(3).waitFor();
    await page.getByText('As a table').first().click();
    expect(await page.getByRole('img', { name: /^Jobs\. Waiting: \d+ now/ }).count()).toBe(1);
    await Promise.all(ids.map(async (id) => client.waitUntilFinal(id)));
    await figureIs('Workers', 1);
    await page
      .getByText(/3 → [12] workers?/)
      .first()
      .waitFor();
  }, 180_000);

  test('pauses a pool and lets it go on', async () => {
    await button('Pause pool factorial').click();
    await page.getByRole('dialog').getByRole('button', { name: 'Pause the pool' }).click();
    await page.getByText('Jobs are accepted and wait; none starts.').waitFor();
    const id = await client.accepted({ n: 10 });
    await button('Resume pool factorial').click();
    expect(await client.waitUntilFinal(id)).toMatchObject({ status: 'done' });
  });

  test('lists dead letters, sends them back and throws them away', async () => {
    await sendRaw(system.amqpUrl, queueName('factorial'), [
      'no JSON at all',
      '{"request_id":7}',
      '{"version":2}',
    ]);
    await goTo('#/dead-letters');
    await until('all are listed', async () => {
      await button('Look again').click();
      return (await page.locator('.letter').count()) === 3;
    });
    await page.getByText('No JSON', { exact: true }).click();
    await confirmed('Redrive 1');
    await page.locator('.outcome', { hasText: '1 sent back to its queue.' }).waitFor();
    await until('it is back', async () => {
      await button('Look again').click();
      return (await page.locator('.letter').count()) === 3;
    });
    await confirmed('Purge all');
    await page.locator('.outcome', { hasText: '3 dead letters thrown away.' }).waitFor();
    await page.getByText('No dead letters').waitFor();
  });

  test('asks now and then where no WebSocket is to be had, and says so', async () => {
    const other = await openPage(browser, system.apiUrl);
    await other.page.routeWebSocket(/\/v1\/ws/, async (socket) => socket.close());
    await signIn(other.page, system.token);
    await other.page.getByText('No live connection: asking every 3 s').waitFor();
    const id = await client.accepted({ n: 30 });
    await other.page.locator(`[data-job="${id}"]`).getByText('Done').waitFor();
    await other.page.context().close();
  });

  test('is used by keyboard, and says where one is', async () => {
    await goTo('#/jobs');
    await page.getByRole('heading', { name: 'Your jobs' }).waitFor();
    await page.reload();
    await page.getByRole('heading', { name: 'Your jobs' }).waitFor();
    await page.keyboard.press('Tab');
    expect(await page.evaluate<string>('document.activeElement.textContent')).toBe('Skip to the page');
    await page.keyboard.press('Enter');
    expect(await page.evaluate<string>('document.activeElement.id')).toBe('main');
    await page.getByRole('link', { name: 'Queue' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Queue' }).waitFor();
    expect(await page.evaluate<string>('document.activeElement.textContent')).toBe('Queue');
    expect(await page.title()).toBe('Queue · factorial');
  });

  test('holds together with 1,000 jobs, long names and umlauts', async () => {
    const jobs = Array.from({ length: 1_000 }, (_, index) => ({
      task: 'factorial',
      input: { n: index },
      labels: { Abteilung: `Rindfleischetikettierungsüberwachung-${'ß'.repeat(100)}` },
    }));
    const labelled = jobs.map(({ labels, ...job }) => ({ ...job, labels: { abteilung: labels.Abteilung } }));
    expect((await client.post('/v1/jobs/batch', { jobs: labelled })).status).toBe(200);
    await goTo('#/jobs');
    await button('Older').click();
    await page.getByText('Page 2', { exact: true }).waitFor();
    await until('the second page is there', async () => (await page.locator('.row').count()) === 25);
    await goTo('#/jobs?status=cancelled');
    await page.getByText('None of your jobs is like that').waitFor();
  });

  test.each(looks)(
    'has nothing that keeps people out, and stays in its window: $name',
    async (look) => {
      await sendRaw(system.amqpUrl, queueName('factorial'), ['{"request_id":7}']);
      const running = await client.accepted(story('Käthe', { words: 300, msPerWord: 100 }));
      await client.waitForStatus(running, 'processing', 60_000);
      const pages = [
        { name: 'jobs', hash: '#/jobs', awaited: 'Rindfleisch' },
        { name: 'job', hash: `#/jobs/${running}`, awaited: 'words in a plain tone' },
        { name: 'queue', hash: '#/queue', awaited: 'What the scaler did' },
        { name: 'dead-letters', hash: '#/dead-letters', awaited: 'Not of the form of a job' },
        { name: 'nowhere', hash: '#/nowhere', awaited: 'There is nothing here' },
      ];
      const { apiUrl: url, adminToken: token } = system;
      expect(await lookAtPages(browser, look, { url, token, takePicture, pages })).toEqual([]);
      await client.post(`/v1/jobs/${running}/cancel`, {});
    },
    120_000,
  );
});
