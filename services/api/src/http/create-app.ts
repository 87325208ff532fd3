/** An Express app of ours: context, security headers, routes, and the one door for errors. Both ports are made of it. */
import type { VerifyToken } from '@factorial/core/auth/verify-token';
import express, { type Express } from 'express';
import helmet from 'helmet';
import type { RedeemTicket } from '../push/stream-tickets.ts';
import { createAuthenticate } from './middleware/authenticate.ts';
import { createErrorHandler } from './middleware/error-handler.ts';
import { createRequestContext, type RequestContextDeps } from './middleware/request-context.ts';
import { createJsonBody } from './middleware/require-json.ts';
import { mountRoutes } from './mount-routes.ts';
import type { Route } from './route.ts';

export interface AppDeps extends RequestContextDeps {
  routes: readonly Route[];
  verifyToken: VerifyToken;
  /** Where there are routes that take tickets. */
  redeemTicket?: RedeemTicket;
  bodyLimitBytes: number;
}

/**
 * For what is no page; pages come with a policy of their own. An output may say that it is one: in the sandbox it is of no origin,
 * and runs nothing, however somebody gets a browser to open it.
 */
const securityHeaders = () =>
  helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        'default-src': ["'none'"],
        'base-uri': ["'none'"],
        'form-action': ["'none'"],
        'frame-ancestors': ["'none'"],
        sandbox: [],
      },
    },
    strictTransportSecurity: false,
  });

export const createApp = (deps: AppDeps): Express => {
  const app = express();
  app.disable('x-powered-by').disable('etag').set('query parser', 'simple');
  app.use(createRequestContext(deps));
  app.use(securityHeaders());
  mountRoutes(app, deps.routes, {
    authenticate: createAuthenticate(deps),
    jsonBody: createJsonBody(deps.bodyLimitBytes),
  });
  app.use(createErrorHandler(deps.logger));
  return app;
};
