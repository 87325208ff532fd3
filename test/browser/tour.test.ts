import { readFile } from 'node:fs/promises';
import { queueName } from '@factorial/core/queue/topology';
import { sendRaw } from '@factorial/core/testing/test-rabbit';
import type { Locator } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { consoleBytes } from './console-size.ts';
import { poison, story, unwieldyJobs } from './console-system.ts';
import { ensureChromium } from './ensure-chromium.ts';
import { looks, lookAtPages } from './looks.ts';
import { createPictures, type TakePicture } from './pictures.ts';
import { textOf } from './person.ts';
import { setStage, type Stage } from './stage.ts';
import { openPage, signIn } from './watched-page.ts';

const chromium = await ensureChromium(process.env);

/** 150 kB would be allowed; what is small shall stay so. */
const mostBytes = 60_000;

describe.skipIf(chromium === undefined)('the console', { timeout: 120_000 }, () => {
  let system: Stage['system'];
  let client: Stage['client'];
  let receiver: Stage['receiver'];
  let browser: Stage['browser'];
  let watched: Stage['watched'];
  let page: Stage['page'];
  let me: Stage['me'];
  let clear: Stage['clear'];
  let takePicture: TakePicture;
  beforeAll(async () => {
    takePicture = await createPictures(process.env);
    ({ system, client, receiver, browser, watched, page, me, clear } = await setStage(chromium ?? ''));
  }, 180_000);
  afterAll(async () => clear());
  afterEach(() => {
    const faults = watched.faults.splice(0);
    if (faults.length > 0) throw new Error(`the browser complains: ${faults.join('; ')}`);
  });

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
    await me.until('the page has the focus', async () => (await me.focused('textContent')) === 'Jobs');
    await page.locator('.session-facts', { hasText: 'expires in 30 days' }).waitFor();
    await page.getByText('No jobs yet').waitFor();
  });

  test('makes a form of a task, and shows at its fields what is wrong', async () => {
    await page.getByLabel('Task', { exact: true }).first().selectOption('story');
    await page.getByLabel('Words', { exact: true }).fill('0');
    await page.getByText('More', { exact: true }).press('Control+Enter');
    await page.getByText('has to be 1 or more').waitFor();
    expect(await page.getByLabel('Words', { exact: true }).getAttribute('aria-invalid')).toBe('true');
    expect(await me.focused('id')).toBe('field/input/words');

    // A rule that only the api knows.
    await page.getByLabel('Words', { exact: true }).fill('60');
    for (const index of [1, 2]) {
      await me.button('Add to Tags').click();
      await page.getByLabel(`Tag ${index}`, { exact: true }).fill('grün');
    }
    await me.button('Submit').click();
    await page.getByText('must NOT have duplicate items').waitFor();
    expect(watched.faults.splice(0)).toEqual([expect.stringContaining('422')]);
    await me.button('Remove Tag 2').click();
  });

  test('submits, and shows how the job goes without anybody reloading', async () => {
    await page.getByLabel(/^About/).fill('Ödön');
    await page.getByLabel('Milliseconds a word').fill('150');
    await me.button('Submit').press('Enter');
    const row = page.locator('.row').first();
    await row.getByText('Running').waitFor();
    expect(await me.focused('textContent')).toMatch(/^Submit/);
    await page.getByText('Live', { exact: true }).waitFor();
    const progress = row.getByRole('progressbar');
    await progress.waitFor();
    const before = Number(await progress.getAttribute('value'));
    await me.until('the progress grows', async () => Number(await progress.getAttribute('value')) > before);

    await page.getByRole('link', { name: 'Watch it' }).click();
    await page.getByRole('heading', { level: 1, name: /^story/ }).waitFor();
    const output = me.region('Output so far');
    await output.waitFor();
    const soFar = await textOf(output);
    await me.until('more output comes', async () => (await textOf(output)).length > soFar.length);
    await me.region('Log').getByText('20 words written').waitFor();
    await takePicture(page, 'console-job');

    await me.untilState('Done');
    expect(await textOf(me.region('Output'))).toContain('Ödön through the long grass');
    expect(await me.timeline()).toMatch(/Accepted.*Attempt 1 started.*Done/s);
  });

  test('copies an output, and saves it as a file', async () => {
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await me.button('Copy output').click();
    await me.button('Copied').waitFor();
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
    await me.goTo(`#/jobs/${id}`);
    await me.untilState('Done');
    await page.getByText('It has 77.3 kB and is not shown here as a whole.').waitFor();
    await me.button('Show its beginning').click();
    expect(await textOf(me.region('Beginning of the output'))).toMatch(/^1819206320/);
  });

  test('cancels a job and sends it again', async () => {
    const id = await client.accepted(story('x', { words: 400, msPerWord: 100 }));
    await me.goTo(`#/jobs/${id}`);
    await me.untilState('Running');
    await me.button('Cancel the job').click();
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await me.confirm('Cancel the job');
    await me.untilState('Cancelled');
    await me.confirm('Retry');
    await me.until('it runs again', async () => (await me.timeline()).includes('Attempt 2 started'));
    await me.untilState('Running');
    await me.confirm('Cancel the job');
    await me.untilState('Cancelled');
    expect(await me.timeline()).toMatch(/Cancelled.*Sent again.*Attempt 2.*Cancelled/s);
    await me.confirm('Delete');
    await page.getByRole('heading', { name: 'Your jobs' }).waitFor();
    expect((await client.call(`/v1/jobs/${id}`)).status).toBe(410);
  });

  test('tells why an attempt failed and that it is tried again', async () => {
    const id = await client.accepted(story('x', { words: 4, failures: 1 }));
    await me.goTo(`#/jobs/${id}`);
    await me.untilState('Done');
    expect(await me.timeline()).toMatch(/Attempt 1 failed.*The pen broke.*Attempt 2 started.*Done/s);
    expect(await textOf(me.region('Log'))).toMatch(/attempt 1 ─.*attempt 2 ─/s);
  });

  test('tells what became of a webhook, and sends it again', async () => {
    const submission = { task: 'factorial', input: { n: 9 }, webhook: { url: receiver.url('/größe') } };
    const { id } = client.parseJob(await client.post('/v1/jobs', submission));
    await me.goTo(`#/jobs/${id}`);
    await page.locator('.delivery').getByText('Delivered').waitFor();
    await me.button('Send again').click();
    await me.until('it came twice', async () => Promise.resolve(receiver.received.length === 2));
    const told = receiver.received.map(({ headers }) => headers['webhook-id']);
    expect(new Set(told).size).toBe(1);
  });

  test('shows the queue moving while workers come and go, and why', async () => {
    await me.goTo('#/queue');
    await me.button('5 min').click();
    await page.getByRole('heading', { name: 'Pool factorial' }).waitFor();
    const figure = (name: string): Locator => page.locator('.figure', { hasText: name }).locator('.numbers');
    const figureIs = async (name: string, value: number, timeoutMs?: number): Promise<void> =>
      me.until(`${name} is ${value}`, async () => Number(await textOf(figure(name))) === value, timeoutMs);
    await figureIs('Workers', 1);
    const line = page.locator('.series-waiting path.series-line').first();
    const before = await line.getAttribute('d');
    const names = ['Ada', 'Béla', 'Čeněk', 'Dörte', 'Emmy', 'Fjodor', 'Gödel', 'Håkon', 'Işık'];
    const ids = await Promise.all(
      names.map(async (name) => client.accepted(story(name, { words: 50, msPerWord: 100 }))),
    );
    await me.until('jobs wait', async () => Number(await textOf(figure('Waiting'))) > 2);
    await me.goTo('#/jobs');
    await page.locator('.row', { hasText: 'Running' }).first().waitFor();
    await takePicture(page, 'console-jobs');
    await me.goTo('#/queue');
    await me.button('5 min').click();
    await figureIs('Workers', 3);
    expect(await line.getAttribute('d')).not.toBe(before);
    await page
      .locator('.change-up', { hasText: /→ 3 workers: (?:many jobs wait|the oldest job)/ })
      .first()
      .waitFor();
    await page.getByText('As a table').first().click();
    await me.region('Jobs, as a table').getByRole('row').nth(3).waitFor();
    await page.getByText('As a table').first().click();
    expect(await page.getByRole('img', { name: /^Jobs\. Waiting: \d+ now/ }).count()).toBe(1);
    await Promise.all(ids.map(async (id) => client.waitUntilFinal(id)));
    // It waits three cold starts, which take their time on a busy machine.
    await figureIs('Workers', 1, 150_000);
    const less = page.locator('.change-down', { hasText: /3 → [12] workers?: there is less to do/ });
    await less.first().waitFor();
    await takePicture(page, 'console-queue');
    await page.emulateMedia({ colorScheme: 'dark' });
    await takePicture(page, 'console-queue-at-night');
    await page.emulateMedia({ colorScheme: 'light' });
  }, 300_000);

  test('goes on where it was when the api goes away and comes back, with nothing lost and nothing twice', async () => {
    const id = await client.accepted(story('y', { words: 120, msPerWord: 100 }));
    await me.goTo(`#/jobs/${id}`);
    await me.region('Log').getByText('20 words written').waitFor();
    await system.api.kill();
    await page.getByText('No live connection: asking every 3 s').waitFor();
    await takePicture(page, 'console-api-away');
    await system.api.start();
    await me.untilState('Done');
    // The stream may come back after the job's state was asked for.
    await me.region('Log').getByText('120 words written').waitFor();
    const tens = Array.from({ length: 12 }, (_, index) => `${index * 10 + 10} words written`);
    const log = (await textOf(me.region('Log'))).trim().split('\n');
    expect(log.filter((line) => line.endsWith('written'))).toEqual(tens);
    expect(watched.faults.splice(0).filter((fault) => !/ERR_|50[234]/.test(fault))).toEqual([]);
  });

  test('pauses a pool and lets it go on', async () => {
    await me.goTo('#/queue');
    await me.button('Pause pool factorial').click();
    await page.getByRole('dialog').getByRole('button', { name: 'Pause the pool' }).click();
    await page.getByText('Jobs are accepted and wait; none starts.').waitFor();
    const id = await client.accepted({ n: 10 });
    await me.button('Resume pool factorial').click();
    expect(await client.waitUntilFinal(id)).toMatchObject({ status: 'done' });
  });

  test('lists dead letters, sends them back and throws them away', async () => {
    await sendRaw(system.amqpUrl, queueName('factorial'), poison);
    await me.goTo('#/dead-letters');
    await me.until('all are listed', async () => {
      await me.button('Look again').click();
      return (await page.locator('.letter').count()) === 3;
    });
    await page.getByText('No JSON', { exact: true }).click();
    await me.confirm('Redrive 1');
    await page.locator('.outcome', { hasText: '1 sent back to its queue.' }).waitFor();
    await me.until('it is back', async () => {
      await me.button('Look again').click();
      return (await page.locator('.letter').count()) === 3;
    });
    await me.confirm('Purge all');
    await page.locator('.outcome', { hasText: '3 dead letters thrown away.' }).waitFor();
    await page.getByText('No dead letters').waitFor();
    expect(await page.locator('.letter').count()).toBe(0);
  });

  test('asks now and then where no WebSocket is to be had, and says so', async () => {
    const other = await openPage(browser, system.apiUrl);
    await other.page.routeWebSocket(/\/v1\/ws/, async (socket) => socket.close());
    await signIn(other.page, system.token);
    await other.page.getByText('No live connection: asking every 3 s').waitFor();
    const id = await client.accepted({ n: 30 });
    await other.page.locator(`[data-job="${id}"]`).getByText('Done').waitFor();
    expect(other.faults).toEqual([]);
    await other.page.context().close();
  });

  test('is used by keyboard, and says where one is', async () => {
    await me.goTo('#/jobs');
    await page.reload();
    await page.getByRole('heading', { name: 'Your jobs' }).waitFor();
    await page.keyboard.press('Tab');
    expect(await me.focused('textContent')).toBe('Skip to the page');
    await page.keyboard.press('Enter');
    expect(await me.focused('id')).toBe('main');
    await page.getByRole('link', { name: 'Queue' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Queue' }).waitFor();
    expect(await me.focused('textContent')).toBe('Queue');
    expect(await page.title()).toBe('Queue · factorial');
  });

  test('holds together with 1,000 jobs, long names and umlauts', async () => {
    expect((await client.post('/v1/jobs/batch', { jobs: unwieldyJobs(1_000) })).status).toBe(200);
    await me.goTo('#/jobs');
    await me.button('Older').click();
    await page.getByText('Page 2', { exact: true }).waitFor();
    await me.until('the second page is there', async () => (await page.locator('.row').count()) === 25);
    await me.goTo('#/jobs?status=cancelled');
    await page.getByText('None of your jobs is like that').waitFor();
  });

  test.each(looks)('has nothing that keeps people out, and stays in its window: $name', async (look) => {
    await sendRaw(system.amqpUrl, queueName('factorial'), ['{"request_id":7}']);
    const running = await client.accepted(story('Käthe', { words: 300, msPerWord: 100 }));
    await client.waitForStatus(running, 'processing', 60_000);
    const { apiUrl: url, adminToken: token } = system;
    expect(await lookAtPages(browser, look, { url, token, takePicture, running })).toEqual([]);
    await client.post(`/v1/jobs/${running}/cancel`, {});
  });
});
