/** Who is asking, and may they: a bearer token and its scopes (RFC 6750), or the one-use ticket of a stream. */
import type { VerifiedToken, VerifyToken } from '@factorial/core/auth/verify-token';
import { AppError } from '@factorial/core/errors/app-error';
import type { Request, Response } from 'express';
import type { RedeemTicket } from '../../push/stream-tickets.ts';

export type Caller = VerifiedToken;

/** Stands for every scope of its port, and for everybody's jobs. */
const adminScope = 'admin';

export const isAdmin = (caller: Caller): boolean => caller.scopes.has(adminScope);

const bearer = /^Bearer +([\w.~+/=-]+) *$/i;

const challenge = (res: Response, parameters: string): void => {
  res.setHeader('www-authenticate', `Bearer realm="factorial"${parameters}`);
};

const tokenOf = (req: Request, res: Response): string => {
  const token = bearer.exec(req.headers.authorization ?? '')?.[1];
  if (token !== undefined) return token;
  challenge(res, '');
  throw new AppError('unauthorized', 'Send a token as "Authorization: Bearer <token>".');
};

const requireScope = (caller: Caller, scope: string, res: Response): void => {
  if (caller.scopes.has(scope) || isAdmin(caller)) return;
  challenge(res, `, error="insufficient_scope", scope="${scope}"`);
  throw new AppError('forbidden', `The token lacks the scope ${scope}.`);
};

/** What a route asks for. */
export interface Guard {
  scope: string;
  /** A ticket does, too. */
  ticket?: true;
}

interface Asking {
  req: Request;
  res: Response;
}

export interface AuthenticateDeps {
  verifyToken: VerifyToken;
  redeemTicket?: RedeemTicket;
}

/** A ticket counts where it is given: whatever else comes along, it has been seen in a URL and is used up. */
const findCaller = async (
  { verifyToken, redeemTicket }: AuthenticateDeps,
  { req, res }: Asking,
  guard: Guard,
): Promise<Caller> => {
  const { ticket } = req.query;
  if (guard.ticket && redeemTicket && ticket !== undefined) {
    return redeemTicket(typeof ticket === 'string' ? ticket : '');
  }
  return verifyToken(tokenOf(req, res));
};

export type Authenticate = (asking: Asking, guard: Guard) => Promise<Caller>;

/** @throws AppError `unauthorized` or `forbidden`, with the challenge set on the answer; what else the check throws. */
export const createAuthenticate =
  (deps: AuthenticateDeps): Authenticate =>
  async (asking, guard) => {
    const { res } = asking;
    const caller = await findCaller(deps, asking, guard).catch((error: unknown) => {
      if (error instanceof AppError && error.code === 'unauthorized' && !res.hasHeader('www-authenticate'))
        challenge(res, ', error="invalid_token"');
      throw error;
    });
    requireScope(caller, guard.scope, res);
    return caller;
  };
