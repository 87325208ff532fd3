/** How a route is declared. The declaration is all there is: it is mounted, answers 405 and is documented from this alone. */
import type { Request, Response } from 'express';
import type { Caller } from './middleware/authenticate.ts';

export type Method = 'get' | 'post' | 'put' | 'delete';
export type PublicScope = 'jobs:read' | 'jobs:write' | 'admin';
export type InternalScope = 'worker' | 'scaler';

export interface Exchange {
  req: Request;
  res: Response;
}
export interface GuardedExchange extends Exchange {
  caller: Caller;
}

/** What a parameter of the query, the path or a header is for. */
export interface ParameterDoc {
  name: string;
  in: 'query' | 'path' | 'header';
  description: string;
  required?: boolean;
  schema?: { type: string; [keyword: string]: unknown };
}

export interface ResponseDoc {
  description: string;
  /** JSON schema by its name in the document, or a media type of another kind. */
  schema?: string;
  mediaType?: string;
  headers?: readonly string[];
}

export interface RouteDoc {
  summary: string;
  parameters?: readonly ParameterDoc[];
  /** The body's schema by its name in the document. */
  body?: string;
  responses: Readonly<Record<number, ResponseDoc>>;
}

interface RouteBase {
  method: Method;
  /** An Express path: `/v1/jobs/:id`. */
  path: string;
  /** `json`: read and parsed before the handler. `stream`: left to the handler. */
  body?: 'json' | 'stream';
  doc?: RouteDoc;
}

/** Anybody may ask. */
export interface OpenRoute extends RouteBase {
  scope?: undefined;
  handle: (exchange: Exchange) => Promise<void> | void;
}

/** Needs a token with this scope. */
export interface GuardedRoute extends RouteBase {
  scope: PublicScope | InternalScope;
  /** A one-use `?ticket=` does in place of the token: for streams, which browsers open without headers. */
  ticket?: true;
  handle: (exchange: GuardedExchange) => Promise<void> | void;
}

export type Route = OpenRoute | GuardedRoute;
