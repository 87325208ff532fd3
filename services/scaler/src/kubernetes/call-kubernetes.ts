/** One call to the Kubernetes API whose answer is parsed, or a few fixed words on why there is none. */
import type {
  KubernetesClient,
  KubernetesFailure,
  KubernetesRequest,
} from '@factorial/core/kubernetes/kubernetes-client';
import type { z } from 'zod';

export interface CallFailure {
  ok: false;
  /** Goes to logs, metrics and /status: the same words for the same failure. */
  reason: string;
  status?: number;
  retryAfterMs?: number;
  /** It may have been done all the same. */
  uncertain: boolean;
}

export type CallAnswer<Value> = { ok: true; value: Value } | CallFailure;

const wordsFor = ({ kind, status, reason }: KubernetesFailure): string => {
  if (status !== undefined) return `answered ${status} (${reason})`;
  return kind === 'timeout' ? 'no answer in time' : `unreachable (${reason})`;
};

const failureOf = (failure: KubernetesFailure): CallFailure => ({
  ok: false,
  reason: wordsFor(failure),
  uncertain: failure.kind !== 'status' && failure.kind !== 'no-token',
  ...(failure.status === undefined ? {} : { status: failure.status }),
  ...(failure.retryAfterSeconds === undefined ? {} : { retryAfterMs: failure.retryAfterSeconds * 1_000 }),
});

export const callKubernetes = async <Schema extends z.ZodType>(
  client: KubernetesClient,
  request: KubernetesRequest,
  schema: Schema,
): Promise<CallAnswer<z.output<Schema>>> => {
  const answer = await client.request(request);
  if (!answer.ok) return failureOf(answer);
  const parsed = schema.safeParse(answer.body);
  return parsed.success
    ? { ok: true, value: parsed.data }
    : { ok: false, reason: 'the answer is not well formed', uncertain: true };
};

export interface MergePatch {
  path: string;
  /** A `metadata.resourceVersion` in it makes the API refuse (409) when the object has changed since. */
  body: unknown;
  signal: AbortSignal;
}

/** A merge patch (RFC 7396): changes the members it names, and no other. */
export const mergePatch = (patch: MergePatch): KubernetesRequest => ({
  method: 'PATCH',
  contentType: 'application/merge-patch+json',
  ...patch,
});
