/** A job's events, as they come by SSE and by the WebSocket. */
import { isFinal } from '@factorial/core/jobs/job-status';
import * as z from 'zod/mini';

const common = { attempt: z.number(), at: z.string() };
const text = z.optional(z.string());
const fault = { code: z.string(), message: z.string() };
const piece = z.object({ ...common, text: z.string(), truncated: z.optional(z.boolean()) });

const eventSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('queued'),
    data: z.object({ ...common, reason: z.string(), error: z.optional(z.object(fault)), notBefore: text }),
  }),
  z.object({ type: z.literal('started'), data: z.object(common) }),
  z.object({
    type: z.literal('progress'),
    data: z.object({ ...common, value: z.number(), message: z.string() }),
  }),
  z.object({ type: z.literal('log'), data: piece }),
  z.object({ type: z.literal('output'), data: piece }),
  z.object({
    type: z.literal('done'),
    data: z.object({ ...common, outputBytes: z.number(), outputMediaType: z.string() }),
  }),
  z.object({
    type: z.literal('failed'),
    data: z.object({ ...common, error: z.object({ ...fault, retryable: z.boolean() }) }),
  }),
  z.object({ type: z.literal('cancelled'), data: z.object(common) }),
]);

export type JobEvent = z.output<typeof eventSchema>;

/** @returns undefined for an event that this console does not know: a newer api may send such. */
export const parseJobEvent = (type: string, data: unknown): JobEvent | undefined =>
  eventSchema.safeParse({ type, data }).data;

export const isFinalEvent = ({ type }: JobEvent): boolean => isFinal(type);

/** Whether it changes the job's state, place or attempt, and not only what is known of its run. */
export const changesState = ({ type }: JobEvent): boolean =>
  type !== 'progress' && type !== 'log' && type !== 'output';
