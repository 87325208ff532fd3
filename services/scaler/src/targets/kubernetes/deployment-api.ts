/** The calls that the scaler makes about one Deployment: it reads it and its pods, changes its scale, and marks its pods. */
import type { KubernetesClient } from '@factorial/core/kubernetes/kubernetes-client';
import { z } from 'zod';
import { callKubernetes, mergePatch, type CallAnswer } from '../../kubernetes/call-kubernetes.ts';
import { costAnnotation, type CostChange } from './deletion-costs.ts';
import {
  deploymentSchema,
  podListSchema,
  scaleSchema,
  type Deployment,
  type Pod,
  type Scale,
} from './kubernetes-objects.ts';
import { belongsTo } from './pod-state.ts';

export interface DeploymentApiDeps {
  client: KubernetesClient;
  namespace: string;
  deployment: string;
  /** Time limit of one call. */
  timeoutMs: number;
}

export interface DeploymentApi {
  readScale(stop: AbortSignal): Promise<CallAnswer<Scale>>;
  readDeployment(stop: AbortSignal): Promise<CallAnswer<Deployment>>;
  /** All of the Deployment's pods, of every version, those that end included. */
  listPods(selector: string, stop: AbortSignal): Promise<CallAnswer<Pod[]>>;
  /** Refused with 409 when the Deployment has changed since `version`. */
  patchScale(scale: { replicas: number; version: string }, stop: AbortSignal): Promise<CallAnswer<Scale>>;
  patchCost(change: CostChange, stop: AbortSignal): Promise<CallAnswer<unknown>>;
}

/** A pod's JSON may have some 20 KB: a page stays well under what is read at once. */
const podsPerPage = 100;

export const createDeploymentApi = (deps: DeploymentApiDeps): DeploymentApi => {
  const { client, timeoutMs, deployment } = deps;
  const namespace = encodeURIComponent(deps.namespace);
  const path = `/apis/apps/v1/namespaces/${namespace}/deployments/${encodeURIComponent(deployment)}`;
  const pods = `/api/v1/namespaces/${namespace}/pods`;
  const signalFor = (stop: AbortSignal) => AbortSignal.any([stop, AbortSignal.timeout(timeoutMs)]);
  const get = async <Schema extends z.ZodType>(from: string, schema: Schema, stop: AbortSignal) =>
    callKubernetes(client, { method: 'GET', path: from, signal: signalFor(stop) }, schema);

  const listPage = async (selector: string, page: string, stop: AbortSignal) => {
    const query = { labelSelector: selector, limit: podsPerPage, ...(page ? { continue: page } : {}) };
    const request = { method: 'GET', path: pods, query, signal: signalFor(stop) } as const;
    return callKubernetes(client, request, podListSchema);
  };

  return {
    readScale: async (stop) => get(`${path}/scale`, scaleSchema, stop),
    readDeployment: async (stop) => get(path, deploymentSchema, stop),
    listPods: async (selector, stop) => {
      const found: Pod[] = [];
      let page = '';
      do {
        const answer = await listPage(selector, page, stop);
        if (!answer.ok) return answer;
        found.push(...answer.value.items.filter((pod) => belongsTo(pod, deployment)));
        page = answer.value.metadata.continue ?? '';
      } while (page);
      return { ok: true, value: found };
    },
    patchScale: async ({ replicas, version }, stop) => {
      const body = { metadata: { resourceVersion: version }, spec: { replicas } };
      const request = mergePatch({ path: `${path}/scale`, body, signal: signalFor(stop) });
      return callKubernetes(client, request, scaleSchema);
    },
    patchCost: async ({ pod, cost }, stop) => {
      const body = { metadata: { annotations: { [costAnnotation]: cost } } };
      const request = { path: `${pods}/${encodeURIComponent(pod)}`, body, signal: signalFor(stop) };
      return callKubernetes(client, mergePatch(request), z.unknown());
    },
  };
};
