/**
 * Writes Events on a Deployment, where `kubectl describe` shows them. The same one again within 10 minutes counts up the one that
 * is there; at most 10 are written in a row and one every 10 s after that. What fails is gone: nothing else must suffer from it.
 */
import type { KubernetesClient } from '@factorial/core/kubernetes/kubernetes-client';
import { z } from 'zod';
import { callKubernetes, mergePatch } from '../kubernetes/call-kubernetes.ts';
import type { PoolEvent } from './pool-events.ts';

const burst = 10;
const refillMs = 10_000;
const sameForMs = 600_000;
const longestMessage = 1_000;
const timeoutMs = 5_000;

export interface EventRecorderDeps {
  client: KubernetesClient;
  namespace: string;
  deployment: string;
  /** The Deployment's; without it nobody would find the Event. */
  uid: () => string | undefined;
  /** Who writes. */
  identity: string;
  /** ms since the epoch. */
  now: () => number;
}

export interface EventRecorder {
  record(event: PoolEvent): Promise<void>;
}

interface Recorded {
  name: string;
  count: number;
  at: number;
}

const createdSchema = z.object({ metadata: z.object({ name: z.string().min(1) }) });

const createTokenBucket = (now: () => number) => {
  let tokens = burst;
  let filledAt = now();
  return (): boolean => {
    tokens = Math.min(burst, tokens + (now() - filledAt) / refillMs);
    filledAt = now();
    if (tokens < 1) return false;
    tokens -= 1;
    return true;
  };
};

const keyOf = ({ reason, message }: PoolEvent): string => `${reason} ${message}`;
/** The API takes whole seconds here. */
const secondOf = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');

const eventObject = (deps: EventRecorderDeps, uid: string, { type, reason, message }: PoolEvent) => {
  const { namespace, deployment, identity } = deps;
  const time = secondOf(deps.now());
  return {
    metadata: { namespace, generateName: `${deployment}.` },
    involvedObject: { apiVersion: 'apps/v1', kind: 'Deployment', namespace, name: deployment, uid },
    source: { component: 'factorial-scaler', host: identity },
    reportingComponent: 'factorial-scaler',
    reportingInstance: identity,
    type,
    reason,
    message,
    firstTimestamp: time,
    lastTimestamp: time,
    count: 1,
  };
};

export const createEventRecorder = (deps: EventRecorderDeps): EventRecorder => {
  const { client, now } = deps;
  const events = `/api/v1/namespaces/${encodeURIComponent(deps.namespace)}/events`;
  const takeToken = createTokenBucket(now);
  const recent = new Map<string, Recorded>();

  const forgetOld = (): void => {
    for (const [key, { at }] of recent) if (now() - at >= sameForMs) recent.delete(key);
  };

  const countUp = async (key: string, known: Recorded): Promise<boolean> => {
    const next = { ...known, count: known.count + 1, at: now() };
    const body = { count: next.count, lastTimestamp: secondOf(next.at) };
    const path = `${events}/${encodeURIComponent(known.name)}`;
    const signal = AbortSignal.timeout(timeoutMs);
    const answer = await callKubernetes(client, mergePatch({ path, body, signal }), z.unknown());
    // The API server forgets Events after an hour, or when somebody deletes them.
    if (answer.ok) recent.set(key, next);
    else recent.delete(key);
    return answer.ok || answer.status !== 404;
  };

  const create = async (key: string, uid: string, event: PoolEvent): Promise<void> => {
    const body = eventObject(deps, uid, event);
    const signal = AbortSignal.timeout(timeoutMs);
    const request = { method: 'POST', path: events, body, signal } as const;
    const answer = await callKubernetes(client, request, createdSchema);
    if (answer.ok) recent.set(key, { name: answer.value.metadata.name, count: 1, at: now() });
  };

  return {
    record: async (given) => {
      const event = { ...given, message: given.message.slice(0, longestMessage) };
      const uid = deps.uid();
      if (uid === undefined || !takeToken()) return;
      forgetOld();
      const key = keyOf(event);
      const known = recent.get(key);
      if (known && (await countUp(key, known))) return;
      await create(key, uid, event);
    },
  };
};
