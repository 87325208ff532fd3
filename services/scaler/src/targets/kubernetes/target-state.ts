/** A Deployment and its pods, as the scaler's target. Pure. */
import type { TargetState, TargetWorker } from '../scale-target.ts';
import type { Deployment, Pod, Scale } from './kubernetes-objects.ts';
import { isPresent, podStateOf, type PodState } from './pod-state.ts';

/** Put on a Deployment by somebody who wants the scaler to keep its hands off. */
const pausedAnnotation = 'factorial.dev/paused';

export interface DeploymentPicture {
  scale: Scale;
  deployment: Deployment;
  /** The Deployment's own, and no others. */
  pods: readonly Pod[];
  /** ms since the epoch. */
  now: number;
}

/** Ids of the pods that count towards the Deployment's number. */
export const presentIn = ({ pods, now }: Pick<DeploymentPicture, 'pods' | 'now'>): string[] =>
  pods.filter((pod) => isPresent(podStateOf(pod, now))).map(({ metadata }) => metadata.name);

/** Pods of an older version are there, or a change has not been looked at yet. */
const isRollout = ({ deployment, pods, now }: DeploymentPicture): boolean => {
  const { metadata, status } = deployment;
  const present = pods.filter((pod) => isPresent(podStateOf(pod, now)));
  const versions = new Set(present.map((pod) => pod.metadata.labels['pod-template-hash']));
  return (
    status.observedGeneration < metadata.generation ||
    status.updatedReplicas < status.replicas ||
    versions.size > 1
  );
};

/** A quota, or the cluster's rules, forbid further pods: they are as good as unschedulable. */
const mayNotCreate = ({ deployment }: DeploymentPicture): boolean =>
  deployment.status.conditions.some(({ type, status }) => type === 'ReplicaFailure' && status === 'True');

/** While versions change there are more pods than replicas: of the replicas, those without room are what the others leave over. */
const withoutRoom = (
  { scale }: DeploymentPicture,
  states: readonly PodState[],
  forbidden: number,
): number => {
  const placed = states.filter((state) => ['ready', 'starting', 'failing'].includes(state)).length;
  const lacking = states.filter((state) => state === 'unschedulable').length + forbidden;
  return Math.min(lacking, Math.max(0, scale.spec.replicas - placed));
};

const workersOf = (pods: readonly Pod[], now: number): TargetWorker[] =>
  pods
    .filter((pod) => podStateOf(pod, now) === 'ready')
    .map(({ metadata, spec }) => ({ id: metadata.name, ...(spec.nodeName ? { node: spec.nodeName } : {}) }));

export const toTargetState = (picture: DeploymentPicture): TargetState => {
  const { scale, deployment, pods, now } = picture;
  const { replicas } = scale.spec;
  const states = pods.map((pod) => podStateOf(pod, now));
  const count = (state: PodState): number => states.filter((known) => known === state).length;
  const missing = Math.max(0, replicas - states.filter(isPresent).length);
  const forbidden = mayNotCreate(picture) ? missing : 0;
  return {
    replicas,
    starting: count('starting') + missing - forbidden,
    failing: count('failing'),
    unschedulable: withoutRoom(picture, states, forbidden),
    terminating: count('terminating'),
    rollout: isRollout(picture),
    paused: deployment.metadata.annotations[pausedAnnotation] === 'true',
    workers: workersOf(pods, now),
    present: presentIn(picture),
  };
};
