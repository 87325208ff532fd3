/** The form of a message: what the publisher writes and the consumer reads. */
import { z } from 'zod';
import type { DeadLetterFault } from './dead-letter.ts';
import type { JobHint } from './job-queue.ts';

/** A larger input stays out of the message: Redis has it, and the broker keeps messages in memory. */
const maxInputBytes = 4 * 1024;

export interface EncodedJobMessage {
  content: Buffer;
  /** `<jobId>:<publication>`. */
  messageId: string;
  /** Only what is there: an empty set of headers would cost bytes in every message. */
  headers?: { traceparent: string };
}

export type DecodedJobMessage =
  | { ok: true; jobId: string; input?: unknown }
  | { ok: false; fault: DeadLetterFault };

const bodySchema = z.object({ request_id: z.string().min(1).max(128), input: z.unknown().optional() });

/** The only form there has been. It is not written; a later form that this one's readers must not touch says its number. */
const knownVersion = 1;
const versionSchema = z.looseObject({ version: z.unknown() });

const unknownVersionOf = (value: unknown): DeadLetterFault | undefined => {
  const { version = knownVersion } = versionSchema.safeParse(value).data ?? {};
  return version === knownVersion
    ? undefined
    : {
        reason: 'unknown_version',
        detail: `version ${JSON.stringify(version).slice(0, 32)} is not known here`,
      };
};

/** An input that JSON has no form for, or a large one, is left out. */
const inputJson = (input: unknown): string | undefined => {
  const json: string | undefined = JSON.stringify(input);
  return json !== undefined && Buffer.byteLength(json) <= maxInputBytes ? json : undefined;
};

export const encodeJobMessage = ({ jobId, publication, input, traceparent }: JobHint): EncodedJobMessage => {
  const json = inputJson(input);
  const member = json === undefined ? '' : `,"input":${json}`;
  return {
    content: Buffer.from(`{"request_id":${JSON.stringify(jobId)}${member}}`),
    messageId: `${jobId}:${publication}`,
    ...(traceparent === undefined ? {} : { headers: { traceparent } }),
  };
};

const parseJson = (content: Buffer): { ok: true; value: unknown } | { ok: false } => {
  try {
    return { ok: true, value: JSON.parse(content.toString('utf8')) };
  } catch {
    return { ok: false };
  }
};

const bad = (fault: DeadLetterFault): DecodedJobMessage => ({ ok: false, fault });

/** Members that are not ours are no fault: a later version may write more. A `version` that is not ours is one. */
export const decodeJobMessage = (content: Buffer): DecodedJobMessage => {
  const parsed = parseJson(content);
  if (!parsed.ok) return bad({ reason: 'not_json', detail: 'the body is not JSON' });
  const unknownVersion = unknownVersionOf(parsed.value);
  if (unknownVersion) return bad(unknownVersion);
  const body = bodySchema.safeParse(parsed.value);
  if (!body.success) return bad({ reason: 'wrong_schema', detail: z.prettifyError(body.error) });
  const { request_id: jobId, input } = body.data;
  return { ok: true, jobId, ...(input === undefined ? {} : { input }) };
};
