/** GET /docs/errors: where the `type` of every problem leads. */
import { errorCatalogue } from '@factorial/core/errors/error-catalogue';
import { escapeHtml, renderPage, sendPage } from '../page.ts';
import { readErrorGuide } from '../read-error-guide.ts';
import type { OpenRoute } from '../route.ts';

interface Described {
  code: string;
  status: number;
  title: string;
  /** HTML. */
  advice: string;
}

const section = ({ code, status, title, advice }: Described): string => `<section id="${escapeHtml(code)}">
<h2><code>${escapeHtml(code)}</code></h2>
<p class="title">${status} · ${escapeHtml(title)}</p>
${advice}
</section>`;

export const createErrorPageRoutes = (): OpenRoute[] => {
  const guide = readErrorGuide();
  const sections = Object.entries(errorCatalogue)
    .map(([code, entry]) => section({ code, ...entry, advice: guide.get(code) ?? '' }))
    .join('\n');
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
