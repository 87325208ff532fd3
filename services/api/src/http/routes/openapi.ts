/** GET /openapi.json: every public route, described. */
import { createOpenApi } from '../openapi/create-openapi.ts';
import type { OpenRoute, Route } from '../route.ts';

/** @param others all other routes of the port. */
export const createOpenApiRoutes = (others: readonly Route[]): OpenRoute[] => {
  const route: OpenRoute = {
    method: 'get',
    path: '/openapi.json',
    handle: ({ res }) => {
      res.statusCode = 200;
      res.setHeader('content-type', 'application/json; charset=utf-8');
      res.setHeader('cache-control', 'public, max-age=300');
      res.end(text);
    },
    doc: {
      summary: 'This document',
      responses: { 200: { description: 'OpenAPI 3.1.', mediaType: 'application/json' } },
    },
  };
  const text = JSON.stringify(createOpenApi([...others, route]));
  return [route];
};
