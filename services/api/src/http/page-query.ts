/** How every list is asked for page by page: `pageSize`, and a `pageToken` that says where the page before ended. */
import { AppError } from '@factorial/core/errors/app-error';
import { z } from 'zod';

/** @param largest a larger wish is cut down to it, and one below 1 is 1. */
export const pageQuery = ({ largest, usual }: { largest: number; usual: number }) => ({
  pageSize: z
    .string()
    .regex(/^\d{1,9}$/, 'has to be a whole number')
    .transform((text) => Math.min(largest, Math.max(1, Number(text))))
    .default(usual),
  pageToken: z.string().max(64).optional(),
});

export interface PageTokens {
  toToken: (place: number) => string;
  /** @returns undefined for the first page. @throws AppError `invalid-request` for what is no token of this list. */
  placeOf: (token: string | undefined) => number | undefined;
}

const notOurs = (): AppError =>
  new AppError('invalid-request', 'pageToken: is not one that a page of this list gave.', {
    errors: [{ pointer: 'pageToken', detail: 'has to be the nextPageToken of a page before' }],
  });

/** @param prefix which side of the place the page lies on; a token of a list with another one is refused. */
export const createPageTokens = (prefix: 'before' | 'after'): PageTokens => {
  const pattern = new RegExp(`^${prefix}:(\\d{1,16})$`);
  return {
    toToken: (place) => Buffer.from(`${prefix}:${place}`).toString('base64url'),
    placeOf: (token) => {
      if (token === undefined) return undefined;
      const place = pattern.exec(Buffer.from(token, 'base64url').toString('latin1'))?.[1];
      if (place === undefined) throw notOurs();
      return Number(place);
    },
  };
};
