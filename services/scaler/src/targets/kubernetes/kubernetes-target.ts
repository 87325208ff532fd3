/** The scale target on Kubernetes: workers are the pods of a Deployment. */
import { unknown, type Reading } from '../../readings/reading.ts';
import type {
  MarkAnswer,
  Refusal,
  ScaleAnswer,
  ScaleRequest,
  ScaleTarget,
  TargetState,
} from '../scale-target.ts';
import type { CallFailure } from './call-kubernetes.ts';
import { changedCosts, withCosts, type CostChange } from './deletion-costs.ts';
import type { DeploymentApi } from './deployment-api.ts';
import { isPresent, podStateOf } from './pod-state.ts';
import { createReadBackOff } from './read-back-off.ts';
import { toTargetState, type DeploymentPicture } from './target-state.ts';

/** How long, and how often, it is looked for who was let go. */
const removalMs = 2_000;
const removalLookMs = 250;
/** Pods that are marked at a time. */
const marksAtOnce = 8;

export interface KubernetesTargetDeps {
  api: DeploymentApi;
  sleep: (ms: number, signal: AbortSignal) => Promise<boolean>;
  /** ms since the epoch. */
  now: () => number;
}

export interface KubernetesTarget extends ScaleTarget {
  /** The Deployment's own name for itself, once it was read. */
  uid: () => string | undefined;
}

const look = async (
  { api, now }: KubernetesTargetDeps,
  stop: AbortSignal,
): Promise<{ ok: true; picture: DeploymentPicture } | CallFailure> => {
  const [scale, deployment] = await Promise.all([api.readScale(stop), api.readDeployment(stop)]);
  if (!scale.ok) return scale;
  if (!deployment.ok) return deployment;
  const pods = await api.listPods(scale.value.status.selector, stop);
  if (!pods.ok) return pods;
  const picture = { scale: scale.value, deployment: deployment.value, pods: pods.value, now: now() };
  return { ok: true, picture };
};

const refusalOf = ({ reason, uncertain }: CallFailure): Refusal => ({ ok: false, reason, uncertain });

/** Ids of the pods that count towards the Deployment's number. */
const presentIn = ({ pods, now }: Pick<DeploymentPicture, 'pods' | 'now'>): string[] =>
  pods.filter((pod) => isPresent(podStateOf(pod, now))).map(({ metadata }) => metadata.name);

/** A pod that is gone needs no mark. */
const mark = async (
  api: DeploymentApi,
  changes: readonly CostChange[],
  stop: AbortSignal,
): Promise<MarkAnswer> => {
  for (let first = 0; first < changes.length; first += marksAtOnce) {
    const some = changes.slice(first, first + marksAtOnce);
    const answers = await Promise.all(some.map(async (change) => api.patchCost(change, stop)));
    const failed = answers.find((answer) => !answer.ok && answer.status !== 404);
    if (failed && !failed.ok) return refusalOf(failed);
  }
  return { ok: true };
};

/** Who went: the patch says how many go, and the ReplicaSet's controller chooses a moment later. */
const findRemoved = async (
  deps: KubernetesTargetDeps,
  { picture, count }: { picture: DeploymentPicture; count: number },
  stop: AbortSignal,
): Promise<string[]> => {
  const before = presentIn(picture);
  let removed: string[] = [];
  for (let waitedMs = 0; waitedMs < removalMs && removed.length < count; waitedMs += removalLookMs) {
    if (!(await deps.sleep(removalLookMs, stop))) break;
    const pods = await deps.api.listPods(picture.scale.status.selector, stop);
    if (!pods.ok) continue;
    const present = presentIn({ pods: pods.value, now: deps.now() });
    removed = before.filter((id) => !present.includes(id));
  }
  return removed;
};

/** A ReplicaSet lets pods go that are not ready before all others, whatever they cost: a busy one must not be among them. */
const endangered = (state: TargetState, busy: readonly string[], picture: DeploymentPicture): boolean =>
  presentIn(picture).some((id) => busy.includes(id) && !state.workers.some((worker) => worker.id === id));

export const createKubernetesTarget = (deps: KubernetesTargetDeps): KubernetesTarget => {
  const { api, now } = deps;
  const backOff = createReadBackOff(now);
  let last: { picture: DeploymentPicture; state: TargetState } | undefined;
  let busyIds: readonly string[] = [];

  const read = async (stop: AbortSignal): Promise<Reading<TargetState>> => {
    const held = backOff.hold();
    if (held) return held;
    const seen = await look(deps, stop);
    if (!seen.ok) return stop.aborted ? unknown(seen.reason) : backOff.failed(seen);
    backOff.succeeded();
    last = { picture: seen.picture, state: toTargetState(seen.picture) };
    return { ok: true, value: last.state, at: now() };
  };

  const scaleTo = async ({ from, to, victims }: ScaleRequest, stop: AbortSignal): Promise<ScaleAnswer> => {
    if (last?.state.replicas !== from)
      return { ok: false, reason: 'the number of replicas has changed meanwhile' };
    const { picture, state } = last;
    if (victims.length > 0 && endangered(state, busyIds, picture)) {
      return { ok: false, reason: 'a busy worker is not ready and would go first' };
    }
    if (stop.aborted) return { ok: false, reason: 'it leads no more' };
    const version = picture.scale.metadata.resourceVersion;
    const patched = await api.patchScale({ replicas: to, version }, stop);
    if (!patched.ok) return refusalOf(patched);
    const removed = to < from ? await findRemoved(deps, { picture, count: from - to }, stop) : [];
    return { ok: true, removed };
  };

  return {
    uid: () => last?.picture.deployment.metadata.uid,
    read,
    scaleTo,
    markVictims: async (marking, stop) => {
      busyIds = marking.busy.map(({ id }) => id);
      if (!last) return { ok: false, reason: 'the pods have not been read yet' };
      const changes = changedCosts(last.picture.pods, marking);
      const pods = withCosts(last.picture.pods, changes);
      last = { ...last, picture: { ...last.picture, pods } };
      return mark(api, changes, stop);
    },
  };
};
