/** Kubernetes's API as far as it concerns the one Deployment: shows its pods as they are, and takes what is written at once. */
import { costAnnotation } from '../../../services/scaler/src/targets/kubernetes/deletion-costs.ts';
import type { DeploymentApi } from '../../../services/scaler/src/targets/kubernetes/deployment-api.ts';
import type * as Kubernetes from '../../../services/scaler/src/targets/kubernetes/kubernetes-objects.ts';
import type { Pod } from '../world/replica-set.ts';
import type { World } from '../world/world.ts';
import { call } from './call.ts';

const textOf = (ms: number): string => new Date(ms).toISOString();

const noRoom = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable' };

const readiness = ({ readyAtMs, turnedAtMs }: Pod) => ({
  type: 'Ready',
  status: readyAtMs === undefined ? 'False' : 'True',
  lastTransitionTime: textOf(turnedAtMs),
});

const podOf = (pod: Pod, costs: ReadonlyMap<string, number>): Kubernetes.Pod => {
  const { name, node } = pod;
  const cost = costs.get(name);
  return {
    metadata: {
      name,
      labels: {},
      annotations: cost === undefined ? {} : { [costAnnotation]: String(cost) },
      ownerReferences: [],
    },
    spec: node === undefined ? {} : { nodeName: node },
    status: {
      phase: pod.readyAtMs === undefined ? 'Pending' : 'Running',
      conditions: [node === undefined ? noRoom : readiness(pod)],
      containerStatuses: [],
    },
  };
};

export const createDeploymentModel = ({ clock, replicaSet }: World): DeploymentApi => {
  const scale = (): Kubernetes.Scale => ({
    metadata: { resourceVersion: String(replicaSet.replicas()) },
    spec: { replicas: replicaSet.replicas() },
    status: { selector: '' },
  });
  const deployment = (): Kubernetes.Deployment => {
    const replicas = replicaSet.pods().length;
    return {
      metadata: { uid: 'simulated', generation: 1, annotations: {} },
      status: { observedGeneration: 1, replicas, updatedReplicas: replicas, conditions: [] },
    };
  };
  return {
    readScale: async () => {
      await call(clock);
      return { ok: true, value: scale() };
    },
    readDeployment: async () => {
      await call(clock);
      return { ok: true, value: deployment() };
    },
    listPods: async () => {
      await call(clock);
      return { ok: true, value: replicaSet.pods().map((pod) => podOf(pod, replicaSet.costs())) };
    },
    patchScale: async ({ replicas, version }) => {
      await call(clock);
      if (version !== scale().metadata.resourceVersion)
        return { ok: false, reason: 'answered 409 (Conflict)', status: 409, uncertain: false };
      replicaSet.scaleTo(replicas);
      return { ok: true, value: scale() };
    },
    patchCost: async ({ pod, cost }) => {
      await call(clock);
      replicaSet.setCost(pod, Number(cost));
      return { ok: true, value: undefined };
    },
  };
};
