/** What one pod is to the scaler. */
import type { Pod } from './kubernetes-objects.ts';

/**
 * - `ended`: its processes have ended for good; a ReplicaSet counts it no more.
 * - `terminating`: it was let go and still runs.
 * - `unschedulable`: no machine has room for it.
 * - `failing`: it will not serve soon. Were it `starting` for ever, jobs that wait too long would wait for it for ever too.
 * - `starting`: it serves soon. `ready`: it serves.
 */
export type PodState = 'ended' | 'terminating' | 'unschedulable' | 'failing' | 'starting' | 'ready';

/** Whether a ReplicaSet counts it. */
export const isPresent = (state: PodState): boolean => state !== 'ended' && state !== 'terminating';

/** What takes longer is a fault and no start; the decision takes no cold start for longer either. */
const longestStartMs = 180_000;
/** Between two crashes a container looks as if it was starting. */
const fewRestarts = 2;

/** Reasons of a waiting container that do not pass by waiting. */
const hopelessReasons = new Set([
  'CrashLoopBackOff',
  'ImagePullBackOff',
  'ErrImagePull',
  'InvalidImageName',
  'ErrImageNeverPull',
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
]);

const condition = (pod: Pod, type: string) => pod.status.conditions.find((known) => known.type === type);

const isReady = (pod: Pod): boolean => condition(pod, 'Ready')?.status === 'True';

const isUnschedulable = (pod: Pod): boolean => {
  const scheduled = condition(pod, 'PodScheduled');
  return scheduled?.status === 'False' && scheduled.reason === 'Unschedulable';
};

const unreadyForLong = (pod: Pod, now: number): boolean => {
  const since = Date.parse(condition(pod, 'Ready')?.lastTransitionTime ?? '');
  return now - since > longestStartMs;
};

const isFailing = (pod: Pod, now: number): boolean =>
  unreadyForLong(pod, now) ||
  pod.status.containerStatuses.some(
    ({ restartCount, state }) =>
      restartCount > fewRestarts || hopelessReasons.has(state.waiting?.reason ?? ''),
  );

/** @param now ms since the epoch. */
export const podStateOf = (pod: Pod, now: number): PodState => {
  if (pod.status.phase === 'Failed' || pod.status.phase === 'Succeeded') return 'ended';
  if (pod.metadata.deletionTimestamp) return 'terminating';
  if (isUnschedulable(pod)) return 'unschedulable';
  if (isReady(pod)) return 'ready';
  return isFailing(pod, now) ? 'failing' : 'starting';
};

/** A Deployment names its ReplicaSets after itself and the hash its pods carry; another's pods may have the same labels otherwise. */
export const belongsTo = ({ metadata }: Pod, deployment: string): boolean =>
  metadata.ownerReferences.some(
    ({ kind, name, controller }) =>
      controller && kind === 'ReplicaSet' && name === `${deployment}-${metadata.labels['pod-template-hash']}`,
  );
