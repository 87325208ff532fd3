import { errorCatalogue } from '@factorial/core/errors/error-catalogue';
import { expect, it } from 'vitest';
import { readErrorGuide } from './read-error-guide.ts';

const guide = readErrorGuide();

it('has something to say of every error, and of nothing else', () => {
  expect([...guide.keys()].sort()).toEqual(Object.keys(errorCatalogue).sort());
  for (const html of guide.values()) expect(html).toMatch(/^<p>\S[^]{20,}\S<\/p>$/);
});

it('makes HTML of all that the page has of Markdown', () => {
  const all = [...guide.values()].join('\n');
  expect(all.replaceAll(/<\/?(p|code)>/g, '')).not.toMatch(/[<>`*#]|\]\(/);
  expect(guide.get('forbidden')).toBe(
    '<p>The token is valid, but has no scope for this: <code>detail</code> names the scope ' +
      '(<code>jobs:read</code>, <code>jobs:write</code>, <code>admin</code>).</p>',
  );
});

it('has the words of a link in its place, and ends where the next part of the page begins', () => {
  expect(guide.get('webhooks-disabled')).toContain('(<code>WEBHOOK_KEYS</code>, webhooks)');
  expect(guide.get('shutting-down')).toBe(
    '<p>This server is stopping; another answers the next request.</p>',
  );
});
