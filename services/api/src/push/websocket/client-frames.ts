/** What a client may say on a WebSocket. */
import { AppError } from '@factorial/core/errors/app-error';
import { z } from 'zod';
import { parseBody } from '../../http/parse-request.ts';

const longestIdChars = 64;
const longestEventIdChars = 128;

const jobIdSchema = z.string().min(1).max(longestIdChars);

const wantedSchema = z
  .union([jobIdSchema, z.strictObject({ id: jobIdSchema, after: z.string().max(longestEventIdChars).optional() })])
  .transform((wanted): Wanted => (typeof wanted === 'string' ? { id: wanted } : wanted));

/** A job to be followed, from its first event or from behind another one. */
export interface Wanted {
  id: string;
  after?: string | undefined;
}

const frameSchema = z
  .strictObject({ subscribe: z.array(wantedSchema).optional(), unsubscribe: z.array(jobIdSchema).optional() })
  .refine(({ subscribe, unsubscribe }) => (subscribe === undefined) !== (unsubscribe === undefined), {
    error: 'has to have either subscribe or unsubscribe',
  });

export type ClientFrame = z.output<typeof frameSchema>;

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new AppError('invalid-json', 'The frame could not be read as JSON.', { cause: error });
  }
};

/** @throws AppError `invalid-json` or `invalid-input`. */
export const parseClientFrame = (text: string): ClientFrame => parseBody(frameSchema, parseJson(text));
