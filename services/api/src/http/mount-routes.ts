/** Puts declared routes on an Express app, with authentication, body reading and an honest 405 for each path. */
import { AppError } from '@factorial/core/errors/app-error';
import type { Express, RequestHandler, Response } from 'express';
import type { Authenticate, Caller } from './middleware/authenticate.ts';
import { nameRoute } from './middleware/request-context.ts';
import type { Route } from './route.ts';

export interface MountDeps {
  authenticate: Authenticate;
  /** Reads a JSON body. */
  jsonBody: readonly RequestHandler[];
}

/** Who sent a request, from the check of its token to its handler. */
type Callers = WeakMap<Response, Caller>;

/** The token is checked before the body is read: strangers do not make us parse. */
const guardOf = (route: Route, authenticate: Authenticate, callers: Callers): RequestHandler => {
  return async (req, res, next) => {
    nameRoute(res, route.path);
    if (route.scope !== undefined) {
      callers.set(res, await authenticate({ req, res }, route));
      // Somebody's own, unless the route knows better.
      res.setHeader('cache-control', 'no-store');
    }
    next();
  };
};

const handlerOf =
  (route: Route, callers: Callers): RequestHandler =>
  async (req, res) => {
    if (route.scope === undefined) {
      await route.handle({ req, res });
      return;
    }
    const caller = callers.get(res);
    if (caller === undefined) throw new Error(`${route.path} was reached without a caller`);
    await route.handle({ req, res, caller });
  };

const allowOf = (routes: readonly Route[]): string => {
  const methods = routes.map((route) => route.method.toUpperCase());
  return [...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].join(', ');
};

/** Every other method: OPTIONS says what there is, the rest is refused with the same list. */
const otherMethods =
  (path: string, allow: string): RequestHandler =>
  (req, res) => {
    nameRoute(res, path);
    res.setHeader('allow', allow);
    if (req.method !== 'OPTIONS') {
      throw new AppError('method-not-allowed', `${req.method} is not possible here; ${allow} are.`);
    }
    res.statusCode = 204;
    res.end();
  };

export const mountRoutes = (app: Express, routes: readonly Route[], deps: MountDeps): void => {
  const callers: Callers = new WeakMap();
  for (const [path, ofPath] of Map.groupBy(routes, (route) => route.path)) {
    const target = app.route(path);
    for (const route of ofPath) {
      const reading = route.body === 'json' ? deps.jsonBody : [];
      target[route.method](guardOf(route, deps.authenticate, callers), ...reading, handlerOf(route, callers));
    }
    target.all(otherMethods(path, allowOf(ofPath)));
  }
  app.use(() => {
    throw new AppError(
      'route-not-found',
      'There is nothing at this path; GET /openapi.json lists what there is.',
    );
  });
};
