/** The frame of our few HTML pages: one file with its icon, no script, its own style sheet, which the security policy allows by its hash. */
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { Exchange } from './route.ts';
import { matchesEtag } from './send-json.ts';

/** The console's mark (services/console/src/shell/mark.svg), drawn more plainly. */
const mark =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#2456c7"/>' +
  '<path d="M7 23V12m0 3.6c.9-2.3 2.4-3.7 4.4-3.7 2.6 0 3.8 1.8 3.8 4.6V23M22.5 8.5v9m0 4.9v.01" ' +
  'fill="none" stroke="#fff" stroke-width="2.8" stroke-linecap="round"/></svg>';
const icon = `data:image/svg+xml,${encodeURIComponent(mark)}`;

const style = `
:root { color-scheme: light dark; --ink: #1d2733; --soft: #5b6b7c; --line: #d8dfe6; --paper: #fbfcfd; --card: #fff; --accent: #0a6e5c; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6ebf0; --soft: #9aa8b5; --line: #2c3843; --paper: #12181e; --card: #182028; --accent: #4cc2a8; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.6 system-ui, sans-serif; }
main { max-width: 46rem; margin: 0 auto; padding: 4rem 1.5rem; }
h1 { font-size: 2.4rem; line-height: 1.2; letter-spacing: -0.02em; margin: 0 0 0.5rem; }
h2 { font-size: 1.1rem; margin: 2.5rem 0 0.75rem; }
p.lead { font-size: 1.15rem; color: var(--soft); margin: 0; }
a { color: var(--accent); }
code, pre { font: 0.875rem/1.6 ui-monospace, SFMono-Regular, Menlo, monospace; }
pre { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 1rem; overflow-x: auto; margin: 0; }
dl { display: grid; grid-template-columns: minmax(10rem, auto) 1fr; gap: 0.5rem 1.5rem; margin: 0; }
dt, dd { margin: 0; }
dd { color: var(--soft); }
section { scroll-margin-top: 1rem; }
section p { margin: 0 0 0.5rem; color: var(--soft); }
section p.title { color: var(--ink); }
section code { overflow-wrap: anywhere; }
`;

export const escapeHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

export interface Page {
  html: Buffer;
  gzip: Buffer;
  etag: string;
  /** Its security policy: it may use its own style sheet and its icon, and nothing else. */
  policy: string;
}

export interface PageParts {
  title: string;
  /** HTML of all that is to be seen; whoever writes it escapes what it puts in. */
  body: string;
  /** Rules for this page, after those of every page. */
  ownStyle?: string;
}

const digestOf = (text: string): string => createHash('sha256').update(text).digest('base64');

const policyFor = (sheet: string): string =>
  [
    "default-src 'none'",
    `style-src 'sha256-${digestOf(sheet)}'`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join(';');

/** With a layout of its own; what has none takes `renderPage`. */
export const renderFrame = ({ title, body, ownStyle = '' }: PageParts): Page => {
  const sheet = style + ownStyle;
  const html = Buffer.from(`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="${icon}" type="image/svg+xml">
<style>${sheet}</style>
${body}
</html>
`);
  const etag = `"${digestOf(html.toString()).slice(0, 27)}"`;
  return { html, gzip: gzipSync(html), etag, policy: policyFor(sheet) };
};

/** @param body HTML of the page's main part. */
export const renderPage = (title: string, body: string): Page =>
  renderFrame({ title, body: `<main>\n${body}\n</main>` });

export const sendPage = ({ req, res }: Exchange, { html, gzip, etag, policy }: Page): void => {
  res.setHeader('content-security-policy', policy);
  res.setHeader('cache-control', 'public, max-age=300');
  res.setHeader('etag', etag);
  res.setHeader('vary', 'accept-encoding');
  if (matchesEtag(req, etag)) {
    res.statusCode = 304;
    res.end();
    return;
  }
  const packed = req.acceptsEncodings('gzip') === 'gzip';
  if (packed) res.setHeader('content-encoding', 'gzip');
  res.statusCode = 200;
  res.setHeader('content-type', 'text/html; charset=utf-8');
  res.end(packed ? gzip : html);
};
