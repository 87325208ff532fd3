/** What a client may say on a WebSocket. */
import { AppError } from '@factorial/core/errors/app-error';
import { z } from 'zod';
import { parseBody } from '../../http/parse-request.ts';

/** A job to be followed, from its first event or from behind another one. */
export interface Wanted {
  id: string;
  /** An event's id. */
  after?: string | undefined;
}

const jobIdSchema = z.string().min(1).max(64);

const wantedSchema = z
  .union([jobIdSchema, z.strictObject({ id: jobIdSchema, after: z.string().max(64).optional() })])
  .transform((wanted): Wanted => (typeof wanted === 'string' ? { id: wanted } : wanted));

const clientFrameSchema = z
  .strictObject({ subscribe: z.array(wantedSchema).optional(), unsubscribe: z.array(jobIdSchema).optional() })
  .refine(({ subscribe, unsubscribe }) => (subscribe === undefined) !== (unsubscribe === undefined), {
    error: 'has to have either subscribe or unsubscribe',
  });

export type ClientFrame = z.output<typeof clientFrameSchema>;

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new AppError('invalid-json', 'The frame could not be read as JSON.', { cause: error });
  }
};

/** @throws AppError `invalid-json` or `invalid-input`. */
export const parseClientFrame = (text: string): ClientFrame => parseBody(clientFrameSchema, parseJson(text));
