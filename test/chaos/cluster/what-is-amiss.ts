/** Whether an installation is as it was before anything befell it: told in words where it is not. */
import { waitUntil } from '@factorial/core/testing/wait-until';
import { z } from 'zod';
import type { Kubectl } from '../../e2e/cluster/kubectl.ts';
import { isReady, type Pod, podsOf, releaseName } from '../../e2e/cluster/release.ts';

/** What profile.yaml asks for, the pool at its least. */
const wantedReplicas: Readonly<Record<string, number>> = {
  [`${releaseName}-api`]: 2,
  [`${releaseName}-scaler`]: 1,
  [`${releaseName}-worker-factorial`]: 1,
};

const deploymentSchema = z.looseObject({
  metadata: z.looseObject({ name: z.string() }),
  spec: z.looseObject({ replicas: z.number() }),
  status: z.looseObject({ replicas: z.number().default(0), readyReplicas: z.number().default(0) }),
});

const terminatedSchema = z.looseObject({
  terminated: z.looseObject({ reason: z.string().default(''), exitCode: z.number() }).optional(),
});

const deploymentsAmiss = async (kubectl: Kubectl): Promise<string[]> => {
  const all = await kubectl.list(deploymentSchema, 'deployments');
  return all.flatMap(({ metadata: { name }, spec, status }) => {
    const wanted = wantedReplicas[name];
    const numbers = [spec.replicas, status.replicas, status.readyReplicas];
    return numbers.every((number) => number === wanted)
      ? []
      : [`deployment ${name} is at ${numbers.join(', ')} (wanted, there, ready) instead of ${wanted}`];
  });
};

/** The janitor's end by design; one that failed while its store was away does, too. */
const isLongLived = ({ metadata }: Pod): boolean =>
  metadata.labels['app.kubernetes.io/component'] !== 'janitor';

export const podsAmiss = (pods: readonly Pod[]): string[] =>
  pods
    .filter((pod) => isLongLived(pod) && !isReady(pod))
    .map(({ metadata, status }) => `pod ${metadata.name} is ${status.phase} and not ready`);

/** How often a pod's process was killed within it, by the pod's uid: a successor has none of it. */
export type Crashes = ReadonlyMap<string, number>;

export const restartsAmiss = (pods: readonly Pod[], crashes: Crashes): string[] =>
  pods.flatMap(({ metadata, status }) =>
    status.containerStatuses
      .filter(({ restartCount }) => restartCount > (crashes.get(metadata.uid) ?? 0))
      .map(({ name, restartCount, lastState }) => {
        const { terminated } = terminatedSchema.parse(lastState);
        const why = `${terminated?.reason ?? 'unknown'}, exit code ${terminated?.exitCode ?? 'unknown'}`;
        return `${name} of pod ${metadata.name} was started again ${restartCount} times: ${why}`;
      }),
  );

/** A run of it now has nothing that could disturb it. */
const janitorAmiss = async (kubectl: Kubectl): Promise<string[]> => {
  const name = 'chaos-janitor-last';
  await kubectl.run(['create', 'job', name, '--from', `cronjob/${releaseName}-janitor`]);
  const wait = ['wait', '--for=condition=Complete', `job/${name}`, '--timeout=90s'];
  return kubectl.run(wait).then(
    () => [],
    (error: Error) => [`the janitor's last run has not succeeded: ${error.message}`],
  );
};

export const whatIsAmiss = async (kubectl: Kubectl, crashes: Crashes): Promise<string[]> => {
  const look = async (): Promise<string[]> => [
    ...(await deploymentsAmiss(kubectl)),
    ...podsAmiss(await podsOf(kubectl)),
  ];
  const isWell = async (): Promise<boolean> => (await look()).length === 0;
  // A pool shrinks when its need was less for three starts of a worker. What is amiss after that is told by the look itself.
  await waitUntil(isWell, { timeoutMs: 300_000, pollMs: 1_000, what: 'it is as it was' }).catch(
    () => undefined,
  );
  return [
    ...(await look()),
    ...restartsAmiss(await podsOf(kubectl), crashes),
    ...(await janitorAmiss(kubectl)),
  ];
};
