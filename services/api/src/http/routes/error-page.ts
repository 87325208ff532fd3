/** GET /docs/errors: where the `type` of every problem leads. */
import { errorCatalogue } from '@factorial/core/errors/error-catalogue';
import { escapeHtml, renderPage, sendPage } from '../page.ts';
import type { OpenRoute } from '../route.ts';

const section = ([code, { status, title }]: [string, { status: number; title: string }]): string =>
  `<section id="${escapeHtml(code)}"><h2><code>${escapeHtml(code)}</code></h2><p>${status} · ${escapeHtml(title)}</p></section>`;

export const createErrorPageRoutes = (): OpenRoute[] => {
  const sections = Object.entries(errorCatalogue).map(section).join('\n');
  const page = renderPage(
    'Errors',
    `<h1>Errors</h1>\n<p class="lead">By their code. <a href="/docs">All routes</a>.</p>\n${sections}`,
  );
  return [
    {
      method: 'get',
      path: '/docs/errors',
      handle: (exchange) => sendPage(exchange, page),
      doc: {
        summary: 'What each error means',
        responses: { 200: { description: 'HTML.', mediaType: 'text/html' } },
      },
    },
  ];
};
