/** Decides which pods' deletion cost has to change. Pure. A ReplicaSet that shrinks lets the cheapest of its ready pods go (KEP-2255). */
import type { Marking } from '../scale-target.ts';
import type { Pod } from './kubernetes-objects.ts';

export const costAnnotation = 'controller.kubernetes.io/pod-deletion-cost';

const victimCost = -1_000;
const highestCost = 1_000_000;

export interface CostChange {
  pod: string;
  cost: string;
}

const busyCost = (runningSeconds: number): number =>
  Math.min(highestCost, 1 + Math.max(0, Math.floor(runningSeconds)));

/** As Kubernetes takes it: no number is 0. */
const presentCost = ({ metadata }: Pod): number => {
  const text = metadata.annotations[costAnnotation];
  return text !== undefined && /^-?\d{1,10}$/.test(text) ? Number(text) : 0;
};

/** Among busy pods the order matters little: half or double the age is worth a write, a second more is not. */
const isNearEnough = (present: number, wanted: number): boolean =>
  present === wanted || (wanted > 0 && present > 0 && present >= wanted / 2 && present <= wanted * 2);

/** @param unsure names of pods whose cost may be another than is known: they get theirs in any case. */
export const changedCosts = (
  pods: readonly Pod[],
  { victims, busy }: Marking,
  unsure: readonly string[] = [],
): CostChange[] =>
  pods.flatMap((pod) => {
    const { name } = pod.metadata;
    const work = busy.find(({ id }) => id === name);
    const ofOthers = work ? busyCost(work.runningSeconds) : 0;
    const cost = victims.includes(name) ? victimCost : ofOthers;
    const isThere = isNearEnough(presentCost(pod), cost) && !unsure.includes(name);
    return isThere ? [] : [{ pod: name, cost: String(cost) }];
  });

/** The pods as they are once the changes are made, so that the next marking need not read them again. */
export const withCosts = (pods: readonly Pod[], changes: readonly CostChange[]): Pod[] =>
  pods.map((pod) => {
    const change = changes.find((known) => known.pod === pod.metadata.name);
    if (!change) return pod;
    const annotations = { ...pod.metadata.annotations, [costAnnotation]: change.cost };
    return { ...pod, metadata: { ...pod.metadata, annotations } };
  });
