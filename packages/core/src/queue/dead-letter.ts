/** A message that nobody can work on: why, and how that travels with it. */
import type { MessageProperties } from 'amqplib';
import { z } from 'zod';
import { decodeJobMessage } from './job-message.ts';

/** Why a message was set aside. Those the broker knows are in its own spelling, and so the others are too. */
export const deadLetterReasons = [
  'not_json',
  'wrong_schema',
  'unknown_version',
  /** It was delivered and given back too often. */
  'delivery_limit',
  /** A consumer refused it without a word, and it looks well from here. */
  'rejected',
  /** Neither we nor the broker have put it there. */
  'unknown',
] as const;
export type DeadLetterReason = (typeof deadLetterReasons)[number];

export interface DeadLetterFault {
  reason: DeadLetterReason;
  /** For people. */
  detail: string;
}

/** One that lies in a pool's queue of dead letters. */
export interface RawDeadLetter extends DeadLetterFault {
  content: Buffer;
  /** When it was set aside, ms since the epoch, up to the year 9999; undefined when nobody has noted it. */
  diedAtMs: number | undefined;
  messageId: string | undefined;
  contentType: string | undefined;
  traceparent: string | undefined;
}

const longestDetail = 500;
/** In bytes: what AMQP can carry as a property. */
const longestText = 255;

const header = {
  reason: 'x-factorial-reason',
  detail: 'x-factorial-detail',
  diedAt: 'x-factorial-died-at',
} as const;

/**
 * Of a message's own headers what tells of its way. No other: the broker acts on some (`CC` and `BCC` name more queues for
 * it), and whoever sent it would decide where it goes from here.
 */
const keptHeader = /^(?:traceparent|x-death|x-first-death-.+)$/;

/** What is written beside a message that is set aside. */
export const deadLetterHeaders = (
  { reason, detail }: DeadLetterFault,
  { headers }: Pick<MessageProperties, 'headers'>,
  nowMs: number,
): Record<string, unknown> => ({
  ...Object.fromEntries(Object.entries(headers ?? {}).filter(([name]) => keptHeader.test(name))),
  [header.reason]: reason,
  [header.detail]: detail.slice(0, longestDetail),
  [header.diedAt]: nowMs,
});

/** What stands for bytes that were no UTF-8: they are not told any more, and may be three times as many. */
const unreadable = '\uFFFD';

/** Whatever is longer, or was no text, counts as absent: it could not be sent back as it was. */
const text = z
  .string()
  .min(1)
  .refine((value) => Buffer.byteLength(value) <= longestText && !value.includes(unreadable))
  .optional()
  .catch(undefined);

/** Of W3C's trace context, in this version and those to come. */
const traceparent = z
  .string()
  .regex(/^[\w-]{1,128}$/)
  .optional()
  .catch(undefined);

const propertiesSchema = z.object({ messageId: text, contentType: text });

/** ms since the epoch. The last is the last that ISO 8601 writes with four digits for the year, as our answers promise. */
export const timeSchema = z
  .number()
  .min(0)
  .max(Date.UTC(9999, 11, 31, 23, 59, 59, 999));

/** The broker tells times in seconds. */
const brokerTime = z
  .object({ value: z.number() })
  .transform(({ value }) => value * 1_000)
  .pipe(timeSchema);

const headersSchema = z
  .object({
    traceparent,
    [header.reason]: z.enum(deadLetterReasons).optional().catch(undefined),
    [header.detail]: z.string().catch(''),
    [header.diedAt]: timeSchema.optional().catch(undefined),
    'x-first-death-reason': text,
    'x-death': z.array(z.looseObject({ time: brokerTime })).catch([]),
  })
  .catch({ [header.detail]: '', 'x-death': [] });

type Headers = z.output<typeof headersSchema>;

/** A refusal comes without its reason: what can be wrong with a message shows in itself. */
const faultOf = (headers: Headers, content: Buffer): DeadLetterFault => {
  const told = headers[header.reason];
  if (told !== undefined) return { reason: told, detail: headers[header.detail] };
  const word = headers['x-first-death-reason'];
  if (word === 'delivery_limit')
    return { reason: word, detail: 'it was delivered and given back more often than the queue allows' };
  const decoded = decodeJobMessage(content);
  if (!decoded.ok) return decoded.fault;
  if (word === 'rejected') return { reason: word, detail: 'a consumer refused it and did not say why' };
  return { reason: 'unknown', detail: word === undefined ? '' : `the broker says: ${word}` };
};

/** For people, whoever has written it: a control character would be six bytes in JSON. */
const legible = (detail: string): string =>
  detail
    .slice(0, longestDetail)
    .toWellFormed()
    .replaceAll(/\p{Cc}/gu, unreadable);

/**
 * All but the content is at most 5 KiB as JSON: what a stranger has written is not stored without a limit.
 *
 * @param properties as they came: anybody may have written them.
 */
export const readDeadLetter = ({
  content,
  properties,
}: {
  content: Buffer;
  properties: { headers?: unknown; messageId?: unknown; contentType?: unknown };
}): RawDeadLetter => {
  const headers = headersSchema.parse(properties.headers ?? {});
  const { messageId, contentType } = propertiesSchema.parse(properties);
  const { reason, detail } = faultOf(headers, content);
  return {
    reason,
    detail: legible(detail),
    content,
    diedAtMs: headers[header.diedAt] ?? headers['x-death'][0]?.time,
    messageId,
    contentType,
    traceparent: headers.traceparent,
  };
};
