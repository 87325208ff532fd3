/** GET /docs: every public route, described for people. */
import { type Page, sendPage } from '../page.ts';
import type { OpenRoute } from '../route.ts';

/** @param page the reference; asked for when it is needed, since this route is in it. */
export const createDocsRoutes = (page: () => Page): OpenRoute[] => [
  {
    method: 'get',
    path: '/docs',
    handle: (exchange) => sendPage(exchange, page()),
    doc: {
      summary: 'This description, as a page',
      responses: { 200: { description: 'HTML.', mediaType: 'text/html' } },
    },
  },
];
