/** Who is asking, and may they: a bearer token and its scopes (RFC 6750). */
import type { VerifiedToken, VerifyToken } from '@factorial/core/auth/verify-token';
import { AppError } from '@factorial/core/errors/app-error';
import type { Request, Response } from 'express';

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

export type Authenticate = (req: Request, res: Response, scope: string) => Promise<Caller>;

/** @throws AppError `unauthorized` or `forbidden`, with the challenge set on the answer; what else the check throws. */
export const createAuthenticate =
  (verify: VerifyToken): Authenticate =>
  async (req, res, scope) => {
    const caller = await verify(tokenOf(req, res)).catch((error: unknown) => {
      if (error instanceof AppError && error.code === 'unauthorized')
        challenge(res, ', error="invalid_token"');
      throw error;
    });
    requireScope(caller, scope, res);
    return caller;
  };
