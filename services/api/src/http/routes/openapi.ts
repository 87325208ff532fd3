/** GET /openapi.json: every public route, described. */
import type { OpenRoute } from '../route.ts';

/** @param text the document; asked for when it is needed, since this route is in it. */
export const createOpenApiRoutes = (text: () => string): OpenRoute[] => [
  {
    method: 'get',
    path: '/openapi.json',
    handle: ({ res }) => {
      res.statusCode = 200;
      res.setHeader('content-type', 'application/json; charset=utf-8');
      res.setHeader('cache-control', 'public, max-age=300');
      res.end(text());
    },
    doc: {
      summary: 'This document',
      responses: { 200: { description: 'OpenAPI 3.1.', mediaType: 'application/json' } },
    },
  },
];
