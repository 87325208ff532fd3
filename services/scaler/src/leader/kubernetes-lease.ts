/** The Lease object in Kubernetes. It has to be there already: the scaler may write it, and not make it. */
import type { KubernetesClient } from '@factorial/core/kubernetes/kubernetes-client';
import { z } from 'zod';
import { callKubernetes, mergePatch, type CallAnswer } from '../kubernetes/call-kubernetes.ts';
import type { Lease, LeaseAnswer, LeaseClaim, LeaseStore } from './lease-store.ts';

const leaseSchema = z.object({
  metadata: z.object({ resourceVersion: z.string().min(1) }),
  spec: z
    .object({
      holderIdentity: z.string().nullish(),
      leaseDurationSeconds: z.number().nullish(),
      leaseTransitions: z.number().nullish(),
    })
    .default({}),
});

const toLease = ({ metadata, spec }: z.output<typeof leaseSchema>): Lease => ({
  version: metadata.resourceVersion,
  holder: spec.holderIdentity ?? '',
  ...(spec.leaseDurationSeconds ? { durationSeconds: spec.leaseDurationSeconds } : {}),
  transitions: spec.leaseTransitions ?? 0,
});

const toAnswer = (answer: CallAnswer<z.output<typeof leaseSchema>>): LeaseAnswer =>
  answer.ok
    ? { ok: true, lease: toLease(answer.value) }
    : { ok: false, reason: answer.reason, conflict: answer.status === 409 };

/** With microseconds, as the API wants it (MicroTime). */
const microTime = (ms: number): string => new Date(ms).toISOString().replace('Z', '000Z');

const specOf = ({ holder, durationSeconds, transitions, acquired }: LeaseClaim, time: string) => ({
  holderIdentity: holder,
  leaseDurationSeconds: durationSeconds,
  leaseTransitions: transitions,
  renewTime: time,
  ...(acquired ? { acquireTime: time } : {}),
});

export interface KubernetesLeaseDeps {
  client: KubernetesClient;
  namespace: string;
  name: string;
  /** ms since the epoch. */
  wallClock: () => number;
}

export const createKubernetesLease = (deps: KubernetesLeaseDeps): LeaseStore => {
  const { client, wallClock } = deps;
  const [namespace, name] = [deps.namespace, deps.name].map(encodeURIComponent);
  const path = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/${name}`;
  return {
    read: async (signal) =>
      toAnswer(await callKubernetes(client, { method: 'GET', path, signal }, leaseSchema)),
    write: async (claim, signal) => {
      const spec = specOf(claim, microTime(wallClock()));
      const body = { metadata: { resourceVersion: claim.version }, spec };
      return toAnswer(await callKubernetes(client, mergePatch({ path, body, signal }), leaseSchema));
    },
  };
};
