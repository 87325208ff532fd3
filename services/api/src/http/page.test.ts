import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestApi, type TestApi } from '../testing/test-api.ts';

let test: TestApi;
beforeAll(async () => {
  test = await startTestApi();
});
afterAll(async () => test.close());

it.each(['/', '/docs', '/docs/errors'])(
  'is a page whose one style sheet and icon the policy allows, and nothing else: %s',
  async (path) => {
    const { status, headers, text } = await test.ask(path, { token: '' });
    expect([status, headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    const style = /<style>([^]*)<\/style>/.exec(text)?.[1] ?? '';
    const hash = createHash('sha256').update(style).digest('base64');
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy.split(';')).toContain(`style-src 'sha256-${hash}'`);
    expect(policy).not.toContain('unsafe');
    expect(text).toContain('<link rel="icon" href="data:');
    expect(policy.split(';')).toContain('img-src data:');
    expect(text).not.toMatch(/<script|style=|https?:\/\//);
    expect(headers.get('vary')).toBe('accept-encoding');
    const again = await test.ask(path, { headers: { 'if-none-match': headers.get('etag') ?? '' } });
    expect([again.status, again.text]).toEqual([304, '']);
  },
);

it.each(['/', '/docs'])('leads to pages that are there: %s', async (path) => {
  const { text } = await test.ask(path, { token: '' });
  const links = [...text.matchAll(/href="(\/[^"#]*)"/g)].map((match) => String(match[1]));
  expect(links.length).toBeGreaterThan(2);
  for (const link of links) expect((await test.ask(link, { token: '' })).status).toBe(200);
});
