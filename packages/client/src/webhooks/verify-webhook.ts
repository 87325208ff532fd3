/** Checks that a webhook is genuine and fresh, by the rules of Standard Webhooks (https://www.standardwebhooks.com). */
import type { Job } from '../api-types.ts';

export type WebhookErrorCode =
  | 'header-missing'
  | 'timestamp-invalid'
  | 'timestamp-too-old'
  | 'timestamp-too-new'
  | 'secret-invalid'
  | 'signature-wrong'
  | 'body-invalid';

/** Somebody else's message, an old one, or one that was changed on its way: answer it with 400 and do nothing. */
export class WebhookVerificationError extends Error {
  override readonly name = 'WebhookVerificationError';
  readonly code: WebhookErrorCode;

  constructor(code: WebhookErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

export interface WebhookEvent {
  /** The same for every delivery of this event: for telling what was received already. */
  id: string;
  type: 'job.started' | 'job.done' | 'job.failed' | 'job.cancelled';
  /** When the event was, RFC 3339. */
  timestamp: string;
  /** Without its output where that is large. */
  data: Job;
}

export interface WebhookRequest {
  /** As it was received: JSON that was parsed and written anew has other bytes. */
  body: string | Uint8Array;
  headers: Headers | Readonly<Record<string, string | string[] | undefined>>;
  /** `whsec_…`; several while one takes another's place. */
  secrets: string | readonly string[];
  /** How far its time may be from now, either way; 300 by default. */
  toleranceSeconds?: number;
  /** Ms since the epoch; for tests. */
  nowMs?: number;
}

const prefix = 'whsec_';
const version = 'v1';

const headerOf = (headers: WebhookRequest['headers'], name: string): string => {
  const value = headers instanceof Headers ? headers.get(name) : headers[name];
  const text = Array.isArray(value) ? value[0] : value;
  if (text) return text;
  throw new WebhookVerificationError('header-missing', `the header ${name} is missing`);
};

const checkTime = (text: string, nowMs: number, toleranceSeconds: number): void => {
  if (!/^\d{1,12}$/.test(text)) {
    throw new WebhookVerificationError('timestamp-invalid', 'the timestamp is no number of seconds');
  }
  const ageSeconds = Math.floor(nowMs / 1_000) - Number(text);
  if (ageSeconds > toleranceSeconds) {
    throw new WebhookVerificationError('timestamp-too-old', `it was sent ${ageSeconds} s ago`);
  }
  if (ageSeconds < -toleranceSeconds) {
    throw new WebhookVerificationError('timestamp-too-new', `it says it was sent ${-ageSeconds} s from now`);
  }
};

/** @returns undefined for what is no base64. */
const fromBase64 = (text: string): Uint8Array<ArrayBuffer> | undefined => {
  try {
    return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
  } catch {
    return undefined;
  }
};

const keyOf = async (secret: string) => {
  const bytes = fromBase64(secret.startsWith(prefix) ? secret.slice(prefix.length) : secret);
  if (bytes === undefined || bytes.byteLength === 0) {
    throw new WebhookVerificationError('secret-invalid', `a secret is ${prefix} and base64`);
  }
  return crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['verify']);
};

/** Signatures of our version; there may be others, for those who know them. */
const signaturesOf = (header: string): Uint8Array<ArrayBuffer>[] =>
  header.split(' ').flatMap((part) => {
    const [name, text = ''] = part.split(',', 2);
    const signature = name === version ? fromBase64(text) : undefined;
    return signature === undefined ? [] : [signature];
  });

/** WebCrypto compares in constant time; all pairs are tried, so that time does not tell which one fits. */
const fits = async (
  signed: Uint8Array<ArrayBuffer>,
  secrets: readonly string[],
  signatures: readonly Uint8Array<ArrayBuffer>[],
): Promise<boolean> => {
  const keys = await Promise.all(secrets.map(keyOf));
  const pairs = keys.flatMap((key) => signatures.map((signature) => ({ key, signature })));
  const verified = await Promise.all(
    pairs.map(async ({ key, signature }) => crypto.subtle.verify('HMAC', key, signature, signed)),
  );
  return verified.includes(true);
};

const concat = (head: string, body: WebhookRequest['body']): Uint8Array<ArrayBuffer> => {
  const encoder = new TextEncoder();
  const first = encoder.encode(head);
  const second = typeof body === 'string' ? encoder.encode(body) : body;
  const all = new Uint8Array(first.byteLength + second.byteLength);
  all.set(first);
  all.set(second, first.byteLength);
  return all;
};

const parse = (body: WebhookRequest['body']): Omit<WebhookEvent, 'id'> => {
  try {
    return JSON.parse(typeof body === 'string' ? body : new TextDecoder().decode(body));
  } catch {
    throw new WebhookVerificationError('body-invalid', 'the body is signed, but no JSON');
  }
};

/** @throws WebhookVerificationError */
export const verifyWebhook = async (request: WebhookRequest): Promise<WebhookEvent> => {
  const { body, headers, secrets, toleranceSeconds = 300, nowMs = Date.now() } = request;
  const id = headerOf(headers, 'webhook-id');
  const timestamp = headerOf(headers, 'webhook-timestamp');
  const signatures = signaturesOf(headerOf(headers, 'webhook-signature'));
  checkTime(timestamp, nowMs, toleranceSeconds);
  const signed = concat(`${id}.${timestamp}.`, body);
  if (!(await fits(signed, typeof secrets === 'string' ? [secrets] : secrets, signatures))) {
    throw new WebhookVerificationError('signature-wrong', 'no signature fits any of the secrets');
  }
  return { ...parse(body), id };
};
