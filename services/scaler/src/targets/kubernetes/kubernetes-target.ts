/** The scale target on Kubernetes: workers are the pods of a Deployment. */
import { unknown, type Reading } from '../../readings/reading.ts';
import type {
  MarkAnswer,
  OtherWorker,
  Refusal,
  ScaleAnswer,
  ScaleRequest,
  ScaleTarget,
  TargetState,
} from '../scale-target.ts';
import type { CallFailure } from '../../kubernetes/call-kubernetes.ts';
import { changedCosts, withCosts, type CostChange } from './deletion-costs.ts';
import type { DeploymentApi } from './deployment-api.ts';
import { isPresent, podStateOf } from './pod-state.ts';
import { createReadBackOff } from './read-back-off.ts';
import { presentIn, toTargetState, type DeploymentPicture } from './target-state.ts';

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

interface Marked {
  answer: MarkAnswer;
  written: readonly CostChange[];
  /** Of these nobody knows what their pods carry now. */
  unsure: readonly CostChange[];
}

/** A pod that is gone needs no mark. */
const mark = async (
  api: DeploymentApi,
  changes: readonly CostChange[],
  stop: AbortSignal,
): Promise<Marked> => {
  const written: CostChange[] = [];
  for (let first = 0; first < changes.length; first += marksAtOnce) {
    const some = changes.slice(first, first + marksAtOnce);
    const answers = await Promise.all(
      some.map(async (change) => ({ change, answer: await api.patchCost(change, stop) })),
    );
    const failures = answers.filter(({ answer }) => !answer.ok && answer.status !== 404);
    const unsure = failures.map(({ change }) => change);
    written.push(...some.filter((change) => !unsure.includes(change)));
    const [failed] = failures;
    if (failed && !failed.answer.ok) return { answer: refusalOf(failed.answer), written, unsure };
  }
  return { answer: { ok: true }, written, unsure: [] };
};

/** Who went: the patch says how many go, and the ReplicaSet's controller chooses a moment later. */
const findRemoved = async (
  deps: KubernetesTargetDeps,
  { picture, count }: { picture: DeploymentPicture; count: number },
  stop: AbortSignal,
): Promise<string[]> => {
  const before = presentIn(picture);
  const until = deps.now() + removalMs;
  let removed: string[] = [];
  for (let looks = 0; looks < removalMs / removalLookMs && removed.length < count; looks += 1) {
    if (deps.now() >= until || !(await deps.sleep(removalLookMs, stop))) break;
    const pods = await deps.api.listPods(picture.scale.status.selector, stop);
    if (!pods.ok) continue;
    const present = presentIn({ pods: pods.value, now: deps.now() });
    removed = before.filter((id) => !present.includes(id));
  }
  return removed;
};

/**
 * A ReplicaSet lets pods go that are not ready before all others, whatever they cost: none that may have a job can be among them.
 * One that has not been ready for long is only spared when it is known to be busy, or the pool could never shrink.
 */
const endangered = ({ pods, now }: DeploymentPicture, others: readonly OtherWorker[]): boolean =>
  pods.some((pod) => {
    const state = podStateOf(pod, now);
    if (state === 'ready' || !isPresent(state)) return false;
    const worker = others.find(({ id }) => id === pod.metadata.name);
    return worker !== undefined && (worker.busy || state !== 'failing');
  });

/** What is known of the Deployment, from the last reading and what was written since. */
interface Known {
  picture: DeploymentPicture;
  state: TargetState;
  /** Pods whose marks are in doubt. */
  unsure: readonly string[];
}

const withMarks = (known: Known, { written, unsure }: Marked): Known => {
  const pods = withCosts(known.picture.pods, written);
  const sure = known.unsure.filter((id) => !written.some(({ pod }) => pod === id));
  return {
    ...known,
    picture: { ...known.picture, pods },
    unsure: [...sure, ...unsure.map(({ pod }) => pod)],
  };
};

const scale = async (
  deps: KubernetesTargetDeps,
  { request, picture }: { request: ScaleRequest; picture: DeploymentPicture },
  stop: AbortSignal,
): Promise<ScaleAnswer> => {
  const { from, to, victims, others } = request;
  if (victims.length > 0 && endangered(picture, others)) {
    return { ok: false, reason: 'a worker that may be busy is not ready and would go first' };
  }
  const version = picture.scale.metadata.resourceVersion;
  const patched = await deps.api.patchScale({ replicas: to, version }, stop);
  if (!patched.ok) return refusalOf(patched);
  const removed = to < from ? await findRemoved(deps, { picture, count: from - to }, stop) : [];
  const isOver = removed.length >= from - to;
  return { ok: true, removed, stayed: isOver ? victims.filter((id) => !removed.includes(id)) : [] };
};

export const createKubernetesTarget = (deps: KubernetesTargetDeps): KubernetesTarget => {
  const { api, now } = deps;
  const backOff = createReadBackOff(now);
  let last: Known | undefined;

  const read = async (stop: AbortSignal): Promise<Reading<TargetState>> => {
    const held = backOff.hold();
    if (held) return held;
    const seen = await look(deps, stop);
    if (!seen.ok) return stop.aborted ? unknown(seen.reason) : backOff.failed(seen);
    backOff.succeeded();
    last = { picture: seen.picture, state: toTargetState(seen.picture), unsure: [] };
    return { ok: true, value: last.state, at: now() };
  };

  return {
    uid: () => last?.picture.deployment.metadata.uid,
    read,
    scaleTo: async (request, stop) =>
      last?.state.replicas === request.from
        ? scale(deps, { request, picture: last.picture }, stop)
        : { ok: false, reason: 'the number of replicas has changed meanwhile' },
    markVictims: async (marking, stop) => {
      if (!last) return { ok: false, reason: 'the pods have not been read yet' };
      const changes = changedCosts(last.picture.pods, marking, last.unsure);
      const marked = await mark(api, changes, stop);
      last = withMarks(last, marked);
      return marked.answer;
    },
  };
};
