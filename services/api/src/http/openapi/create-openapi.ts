/** The OpenAPI 3.1 document, made of the declared routes and the schemas they use. */
import { z } from 'zod';
import type { GuardedRoute, ParameterDoc, ResponseDoc, Route } from '../route.ts';
import { apiSchemas, requestSchemas } from './api-schemas.ts';

type Json = Record<string, unknown>;

const reference = (name: string) => `#/components/schemas/${name}`;

const toJsonSchemas = (schemas: Readonly<Record<string, z.ZodType>>, io: 'input' | 'output'): Json => {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(schemas)) registry.add(schema, { id });
  const { schemas: generated } = z.toJSONSchema(registry, { io, uri: reference, unrepresentable: 'any' });
  return Object.fromEntries(
    Object.entries(generated).map(([name, { $id: _id, $schema: _dialect, ...schema }]) => [name, schema]),
  );
};

const toParameter = ({ schema, ...parameter }: ParameterDoc): Json => ({
  ...parameter,
  schema: schema ?? { type: 'string' },
});

const contentOf = ({ schema, mediaType }: ResponseDoc): Json => {
  if (schema !== undefined)
    return { content: { 'application/json': { schema: { $ref: reference(schema) } } } };
  return mediaType === undefined ? {} : { content: { [mediaType]: {} } };
};

const headersOf = ({ headers = [] }: ResponseDoc): Json =>
  headers.length === 0
    ? {}
    : { headers: Object.fromEntries(headers.map((name) => [name, { schema: { type: 'string' } }])) };

const toResponse = (response: ResponseDoc): Json => ({
  description: response.description,
  ...headersOf(response),
  ...contentOf(response),
});

const problemResponse = { $ref: '#/components/responses/Problem' };

const operationIdOf = ({ method, path }: Route): string =>
  `${method}${path.replaceAll(/[/.:-]+(\w?)/g, (_, first: string) => first.toUpperCase())}`;

/** Any one of them will do. */
const waysIn = ({ ticket }: GuardedRoute): Json[] => [{ bearer: [] }, ...(ticket ? [{ ticket: [] }] : [])];

const toOperation = (route: Route): Json => {
  const { doc } = route;
  if (doc === undefined) throw new Error(`${route.method} ${route.path} is not documented`);
  const responses = Object.entries(doc.responses).map(([status, response]) => [status, toResponse(response)]);
  return {
    operationId: operationIdOf(route),
    summary: doc.summary,
    ...(route.scope === undefined
      ? { security: [] }
      : { security: waysIn(route), 'x-required-scope': route.scope }),
    ...(doc.parameters === undefined ? {} : { parameters: doc.parameters.map(toParameter) }),
    ...(doc.body === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            content: { 'application/json': { schema: { $ref: reference(doc.body) } } },
          },
        }),
    responses: { ...Object.fromEntries(responses), default: problemResponse },
  };
};

const toPath = (path: string): string => path.replaceAll(/:(\w+)/g, '{$1}');

export const createOpenApi = (routes: readonly Route[]): Json => ({
  openapi: '3.1.0',
  info: {
    title: 'factorial',
    version: '1',
    description:
      'Slow work behind a web API: queued, worked on by workers that scale with the queue, and never lost.',
    license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
  },
  paths: Object.fromEntries(
    [...Map.groupBy(routes, (route) => toPath(route.path))].map(([path, ofPath]) => [
      path,
      Object.fromEntries(ofPath.map((route) => [route.method, toOperation(route)])),
    ]),
  ),
  components: {
    schemas: { ...toJsonSchemas(apiSchemas, 'output'), ...toJsonSchemas(requestSchemas, 'input') },
    responses: {
      Problem: {
        description: 'What went wrong.',
        content: { 'application/problem+json': { schema: { $ref: reference('Problem') } } },
      },
    },
    securitySchemes: {
      bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
      ticket: {
        type: 'apiKey',
        in: 'query',
        name: 'ticket',
        description: 'From POST /v1/stream-tickets, good once: for EventSource and WebSocket in a browser.',
      },
    },
  },
});
