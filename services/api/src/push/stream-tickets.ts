/**
 * Tickets by which a browser opens a stream: its EventSource and WebSocket send no token of ours in a header, and a token does not
 * belong in a URL, which logs and histories keep. A ticket is good for one use within seconds; the store has its hash alone.
 */
import { createHash, randomBytes } from 'node:crypto';
import type { VerifiedToken } from '@factorial/core/auth/verify-token';
import { AppError } from '@factorial/core/errors/app-error';
import type { Keys } from '@factorial/core/redis/keys';
import { storing } from '@factorial/core/redis/store-error';
import type { Clock } from '@factorial/core/time/clock';
import type { Redis } from 'ioredis';
import { z } from 'zod';

export interface IssuedTicket {
  ticket: string;
  expiresInSeconds: number;
}

/** Whose ticket it is, if it is good; it is used up by the question. @throws AppError `unauthorized`. */
export type RedeemTicket = (ticket: string) => Promise<VerifiedToken>;

export interface StreamTickets {
  /** @throws AppError `unauthorized` when the token has just expired. */
  issue: (caller: VerifiedToken) => Promise<IssuedTicket>;
  redeem: RedeemTicket;
}

export interface StreamTicketsDeps {
  redis: Redis;
  keys: Keys;
  clock: Clock;
}

const lifeMs = 30_000;
const randomBytesOfTicket = 32;
/** Base64url of that many bytes: nothing else is looked up, a token least of all. */
const ticketPattern = /^[\w-]{43}$/;

const holderSchema = z.object({
  subject: z.string(),
  scopes: z.array(z.string()),
  goodUntilMs: z.number().optional(),
});

const toText = ({ subject, scopes, goodUntilMs }: VerifiedToken): string => {
  const holder: z.output<typeof holderSchema> = { subject, scopes: [...scopes], goodUntilMs };
  return JSON.stringify(holder);
};

const fromText = (text: string): VerifiedToken => {
  const { subject, scopes, goodUntilMs } = holderSchema.parse(JSON.parse(text));
  return { subject, scopes: new Set(scopes), ...(goodUntilMs === undefined ? {} : { goodUntilMs }) };
};

const hashOf = (ticket: string): string => createHash('sha256').update(ticket).digest('hex');

const unauthorized = (detail: string): AppError => new AppError('unauthorized', detail);

const refuseOthers = (ticket: string): void => {
  if (ticketPattern.test(ticket)) return;
  throw unauthorized(
    'That is no ticket. POST /v1/stream-tickets gives one for a token; a token itself does not belong in a URL.',
  );
};

export const createStreamTickets = ({ redis, keys, clock }: StreamTicketsDeps): StreamTickets => ({
  issue: async (caller) => {
    const leftMs = Math.min(lifeMs, (caller.goodUntilMs ?? Number.POSITIVE_INFINITY) - clock.now());
    if (leftMs <= 0) throw unauthorized('the token has expired');
    const ticket = randomBytes(randomBytesOfTicket).toString('base64url');
    await storing(redis.set(keys.ticket(hashOf(ticket)), toText(caller), 'PX', Math.ceil(leftMs)));
    return { ticket, expiresInSeconds: Math.floor(leftMs / 1_000) };
  },
  redeem: async (ticket) => {
    refuseOthers(ticket);
    const text = await storing(redis.getdel(keys.ticket(hashOf(ticket))));
    const caller = text === null ? undefined : fromText(text);
    if (caller === undefined || (caller.goodUntilMs ?? Number.POSITIVE_INFINITY) <= clock.now()) {
      throw unauthorized(
        'The ticket is unknown, was used, or is too old. POST /v1/stream-tickets gives a new one.',
      );
    }
    return caller;
  },
});
