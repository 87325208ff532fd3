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
  /** When it was set aside, ms since the epoch; undefined when nobody has noted it. */
  diedAtMs: number | undefined;
  messageId: string | undefined;
  contentType: string | undefined;
  traceparent: string | undefined;
}

const longestDetail = 500;
const longestText = 256;

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

const text = z.string().min(1).max(longestText).optional().catch(undefined);

const propertiesSchema = z.object({ messageId: text, contentType: text });

/** The broker tells times in seconds. */
const brokerTime = z.object({ value: z.number() }).transform(({ value }) => value * 1_000);

const headersSchema = z
  .object({
    traceparent: text,
    [header.reason]: z.enum(deadLetterReasons).optional().catch(undefined),
    [header.detail]: z.string().catch(''),
    [header.diedAt]: z.number().optional().catch(undefined),
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

/** @param properties as they came: anybody may have written them. */
export const readDeadLetter = ({
  content,
  properties,
}: {
  content: Buffer;
  properties: { headers?: unknown; messageId?: unknown; contentType?: unknown };
}): RawDeadLetter => {
  const headers = headersSchema.parse(properties.headers ?? {});
  const { messageId, contentType } = propertiesSchema.parse(properties);
  return {
    ...faultOf(headers, content),
    content,
    diedAtMs: headers[header.diedAt] ?? headers['x-death'][0]?.time,
    messageId,
    contentType,
    traceparent: headers.traceparent,
  };
};
