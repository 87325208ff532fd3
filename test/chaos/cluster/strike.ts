/** Carries the faults of a cluster's schedule out, as somebody with kubectl would. */
import { assertNever } from '@factorial/core/errors/assert-never';
import { waitUntil } from '@factorial/core/testing/wait-until';
import type { Kubectl } from '../../e2e/cluster/kubectl.ts';
import { isReady, type Pod, podsOf, releaseName } from '../../e2e/cluster/release.ts';
import type { QueueAccess } from '../faults/queue-access.ts';
import type { Blow } from '../ledger/recovery.ts';
import type { ClusterFault, ClusterPartName } from './cluster-fault.ts';

export interface StrikerDeps {
  kubectl: Kubectl;
  queue: Pick<QueueAccess, 'deleteQueue' | 'sendPoison'>;
  /** Told of the pod, whose name is its worker's where it is one. */
  blow: Blow;
  /** Called with a pod just before it is hit. */
  onHit: (pod: Pod, fault: ClusterFault) => Promise<void>;
  /** In [0, 1). */
  random: () => number;
  say: (line: string) => void;
}

const isRunning = ({ metadata, status }: Pod): boolean =>
  metadata.deletionTimestamp === undefined && status.phase === 'Running';

const podOf = async ({ kubectl, random }: StrikerDeps, target: ClusterPartName): Promise<Pod | undefined> => {
  const pods = (await podsOf(kubectl, target === 'runner' ? 'worker' : target)).filter(isRunning);
  return pods[Math.floor(random() * pods.length)];
};

const deploymentOf = (target: ClusterPartName): string =>
  `deployment/${releaseName}-${target === 'worker' ? 'worker-factorial' : target}`;

/** Processes by a part of their command; the bracket keeps the search from finding itself. */
const commands = {
  worker: '[m]ain.js',
  runner: '[m]odule-host',
  rabbitmq: '[b]eam.smp',
} as const;
type Signalled = keyof typeof commands;

const isSignalled = (target: ClusterPartName): target is Signalled => target in commands;

/** Exit code of the script where there is no such process. */
const none = 3;
/** What was to be killed or woken has ended; or the container, and the script with it. */
const endedMeanwhile = [1, 137];

/** Runs in the pod: picks one of the processes, and does something to `$1`. */
const scriptFor = (target: Signalled, pick: number, act: string): string =>
  [
    `set -- $(grep -l '${commands[target]}' /proc/[0-9]*/cmdline 2>/dev/null | cut -d/ -f3)`,
    `[ $# -gt 0 ] || exit ${none}`,
    `shift $((${pick} % $#))`,
    act,
  ].join('\n');

/** Nothing is written any more when the files go. */
const wipe =
  'kill -STOP $1 && rm -rf /var/lib/rabbitmq/mnesia/* /var/lib/rabbitmq/mnesia/.[!.]*; kill -KILL $1';

const actOf = ({ kind, lastsMs }: ClusterFault): string => {
  if (kind === 'wipe') return wipe;
  if (kind === 'crash') return 'kill -KILL $1';
  return `kill -STOP $1; sleep ${(lastsMs / 1_000).toFixed(3)}; kill -CONT $1`;
};

/** @returns whether there was such a process. */
const signal = async (deps: StrikerDeps, fault: ClusterFault, pod: Pod): Promise<boolean> => {
  if (!isSignalled(fault.target)) throw new Error(`${fault.target} cannot be signalled from within its pod`);
  const pick = Math.floor(deps.random() * 1_000);
  const script = scriptFor(fault.target, pick, actOf(fault));
  const { code } = await deps.kubectl.run(['exec', pod.metadata.name, '--', 'sh', '-c', script], {
    alsoGood: [none, ...endedMeanwhile],
  });
  return code !== none;
};

const deletePod = async ({ kubectl }: StrikerDeps, { kind }: ClusterFault, pod: Pod): Promise<boolean> => {
  const force = kind === 'kill' ? ['--force', '--grace-period=0'] : [];
  await kubectl.run(['delete', 'pod', pod.metadata.name, '--wait=false', ...force]);
  return true;
};

/** There is one of it, and a pod that was deleted by force serves for some moments more: what is served then proves nothing. */
const isAlone = (target: ClusterPartName): boolean => target === 'redis' || target === 'rabbitmq';

const startsOf = ({ status }: Pod): number =>
  status.containerStatuses.reduce((sum, { restartCount }) => sum + restartCount, 0);

const awaitSuccessor = async (
  { kubectl }: StrikerDeps,
  { target }: ClusterFault,
  old: Pod,
): Promise<void> => {
  const isSuccessor = (pod: Pod): boolean =>
    pod.metadata.uid !== old.metadata.uid || startsOf(pod) > startsOf(old);
  const isThere = async (): Promise<boolean> =>
    (await podsOf(kubectl, target)).some((pod) => isSuccessor(pod) && isReady(pod));
  await waitUntil(isThere, { timeoutMs: 180_000, pollMs: 500, what: `${target} has a successor` });
};

const hitPod = async (deps: StrikerDeps, fault: ClusterFault): Promise<boolean> => {
  const pod = await podOf(deps, fault.target);
  if (!pod) return false;
  await deps.onHit(pod, fault);
  await deps.blow.willFall(pod.metadata.name);
  const isDeletion = fault.kind === 'kill' || fault.kind === 'stop';
  const isHit = await (isDeletion ? deletePod : signal)(deps, fault, pod);
  if (isHit && isAlone(fault.target)) await awaitSuccessor(deps, fault, pod);
  return isHit;
};

/** @param name of the job in the cluster, which has to be new. */
const runJanitor = async ({ kubectl }: StrikerDeps, name: string): Promise<void> => {
  await kubectl.run(['create', 'job', name, '--from', `cronjob/${releaseName}-janitor`]);
};

const strikeWith = async (deps: StrikerDeps, fault: ClusterFault): Promise<boolean> => {
  const { kind, target, amount, atMs } = fault;
  switch (kind) {
    case 'kill':
    case 'stop':
    case 'crash':
    case 'freeze':
    case 'wipe':
      return hitPod(deps, fault);
    case 'restart':
      await deps.kubectl.run(['rollout', 'restart', deploymentOf(target)]);
      return true;
    case 'run': {
      const names = Array.from({ length: amount }, (_, index) => `chaos-janitor-${atMs}-${index}`);
      await Promise.all(names.map(async (name) => runJanitor(deps, name)));
      return true;
    }
    case 'delete-queue':
      await deps.queue.deleteQueue();
      return true;
    case 'poison':
      await deps.queue.sendPoison();
      return true;
    default:
      return assertNever(kind);
  }
};

/** A pod can be gone between its being chosen and its being hit: that fault meets nobody, and it is told. */
export const strike = async (deps: StrikerDeps, fault: ClusterFault): Promise<boolean> => {
  try {
    return await strikeWith(deps, fault);
  } catch (thrown) {
    deps.say(`${fault.kind} ${fault.target} met nobody: ${String(thrown)}`);
    return false;
  }
};
