/** Kubernetes's objects for the tests, as its API writes them: a Deployment and its pods, changed where a test wants it. */
import {
  deploymentSchema,
  podSchema,
  scaleSchema,
  type Deployment,
  type Pod,
  type Scale,
} from '../targets/kubernetes/kubernetes-objects.ts';
import { startMs } from './make-readings.ts';

const longAgo = new Date(startMs - 600_000).toISOString();

const podBody = (name: string, hash: string) => ({
  metadata: {
    name,
    labels: { app: 'work', 'pod-template-hash': hash },
    ownerReferences: [{ kind: 'ReplicaSet', name: `work-${hash}`, controller: true }],
  },
  spec: { nodeName: 'node-1' },
  status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: longAgo }] },
});

/** A pod that serves, with members of its metadata and status put in the place of the usual ones. */
export const makePodBody = (
  name: string,
  over: { metadata?: object; status?: object; hash?: string } = {},
) => {
  const body = podBody(name, over.hash ?? 'v1');
  return {
    ...body,
    metadata: { ...body.metadata, ...over.metadata },
    status: { ...body.status, ...over.status },
  };
};

export const makePod = (...given: Parameters<typeof makePodBody>): Pod =>
  podSchema.parse(makePodBody(...given));

export const unready = (lastTransitionTime = longAgo) => ({
  conditions: [{ type: 'Ready', status: 'False', lastTransitionTime }],
});

export const unschedulable = {
  phase: 'Pending',
  conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable' }],
};

export const waiting = (reason: string, restartCount = 0) => ({
  ...unready(new Date(startMs - 1_000).toISOString()),
  containerStatuses: [{ restartCount, state: { waiting: { reason } } }],
});

export const makeScaleBody = (replicas: number, version = '1') => ({
  metadata: { resourceVersion: version },
  // As Go writes it: a 0 is left out.
  spec: replicas === 0 ? {} : { replicas },
  status: { selector: 'app=work' },
});

export const makeScale = (replicas: number): Scale => scaleSchema.parse(makeScaleBody(replicas));

export const makeDeploymentBody = (over: { metadata?: object; status?: object } = {}) => ({
  metadata: { uid: 'uid-1', generation: 3, ...over.metadata },
  status: { observedGeneration: 3, replicas: 2, updatedReplicas: 2, ...over.status },
});

export const makeDeployment = (...given: Parameters<typeof makeDeploymentBody>): Deployment =>
  deploymentSchema.parse(makeDeploymentBody(...given));
