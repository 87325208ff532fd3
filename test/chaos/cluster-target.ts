/** The system under fault as the chart installs it on a cluster. */
import { appendFile, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { createRandom } from '../../bench/scaler-simulator/random.ts';
import { pool } from '../../dev/run/run-services.ts';
import type { Kubectl } from '../e2e/cluster/kubectl.ts';
import {
  connect,
  type Pod,
  podsOf,
  prepareNamespace,
  releaseName,
  removeRelease,
  upgradeRelease,
  waitUntilServing,
} from '../e2e/cluster/release.ts';
import { type ClusterFault, clusterFaultRules } from './cluster/cluster-fault.ts';
import { keepForward } from './cluster/keep-forward.ts';
import { strike } from './cluster/strike.ts';
import { whatIsAmiss } from './cluster/what-is-amiss.ts';
import { createQueueAccess } from './faults/queue-access.ts';
import type { ChaosTarget, StartOptions, TargetKind } from './run-chaos.ts';
import { makeSchedule } from './schedule/make-schedule.ts';

export interface ClusterOptions {
  /** Of the images, which the cluster has. */
  imageTag: string;
}

const namespace = 'factorial-chaos';
/** A broker's pod has to be made, started and found ready first. */
const recoveryLimitMs = 120_000;

/** Of the load: what comes after the last fault shows that it was got over. */
const shareUnderFaults = 0.95;

const taskFolder = join(import.meta.dirname, 'task');

/** The task's folder as it is. */
const taskConfigMap = async () => {
  const names = await readdir(taskFolder);
  const files = names.map(async (name) => [name, await readFile(join(taskFolder, name), 'utf8')] as const);
  const data = Object.fromEntries(await Promise.all(files));
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'chaos-task' }, data };
};

const install = async ({ imageTag }: ClusterOptions): Promise<Kubectl> => {
  await removeRelease(namespace);
  const kubectl = await prepareNamespace(namespace);
  await kubectl.apply(await taskConfigMap());
  const profile = join(import.meta.dirname, 'cluster/profile.yaml');
  await upgradeRelease('default', ['--values', profile, '--set', `image.tag=${imageTag}`], { namespace });
  await waitUntilServing(kubectl, 300_000);
  return kubectl;
};

const secretSchema = z.looseObject({ data: z.record(z.string(), z.string()) });

interface SecretUrl {
  broker: 'redis' | 'rabbitmq';
  key: string;
}

/** A URL of the chart's Secret, by way of another host. */
const urlVia = async (kubectl: Kubectl, { broker, key }: SecretUrl, host: string): Promise<string> => {
  const { data } = await kubectl.get(secretSchema, `secret/${releaseName}-${broker}`);
  const url = new URL(Buffer.from(data[key] ?? '', 'base64').toString());
  url.host = host;
  return url.href;
};

/** Appended: a broker's pod has the name of its predecessor. */
const keepLog = async (kubectl: Kubectl, dir: string, { metadata: { name } }: Pod): Promise<void> => {
  const said = await kubectl.run(['logs', name, '--all-containers']).catch((error: Error) => ({
    stdout: `no log: ${error.message}\n`,
  }));
  await appendFile(join(dir, `${name}.log`), said.stdout);
};

const keepLogs = async (kubectl: Kubectl, dir: string): Promise<void> => {
  for (const pod of await podsOf(kubectl)) await keepLog(kubectl, dir, pod);
  for (const kind of ['events', 'pods']) {
    const { stdout } = await kubectl.run(['get', kind, '--output', 'wide']);
    await appendFile(join(dir, `${kind}.txt`), stdout);
  }
};

const openWays = async (kubectl: Kubectl) => {
  const redis = await keepForward(namespace, `service/${releaseName}-redis`, 6_379);
  const rabbitmq = await keepForward(namespace, `service/${releaseName}-rabbitmq`, 15_672);
  const both = [redis, rabbitmq];
  return {
    redisUrl: await urlVia(kubectl, { broker: 'redis', key: 'redis-url' }, redis.host),
    managementUrl: await urlVia(kubectl, { broker: 'rabbitmq', key: 'management-url' }, rabbitmq.host),
    stop: async () => void (await Promise.all(both.map(async (way) => way.stop()))),
  };
};

/** Its first process, that is, and the kubelet starts it again. */
const endsContainer = ({ kind, target }: ClusterFault): boolean =>
  kind === 'wipe' || (kind === 'crash' && target !== 'runner');

const startOn = async (kubectl: Kubectl, options: StartOptions): Promise<ChaosTarget<ClusterFault>> => {
  const { dir, seed, say } = options;
  const { apiUrl, token } = await connect(kubectl);
  const ways = await openWays(kubectl);
  const queue = createQueueAccess(ways.managementUrl, `${pool}_process`);
  const random = createRandom(seed + 1);
  const crashes = new Map<string, number>();
  const deps = {
    kubectl,
    queue,
    say,
    random: () => random.next(),
    onHit: async (pod: Pod, fault: ClusterFault) => {
      const { uid } = pod.metadata;
      if (endsContainer(fault)) crashes.set(uid, (crashes.get(uid) ?? 0) + 1);
      await keepLog(kubectl, dir, pod);
    },
  };
  const stop = async (): Promise<void> => {
    await ways.stop();
    await removeRelease(namespace);
  };
  return {
    apiUrl,
    token,
    redisUrl: ways.redisUrl,
    inject: async (fault, blow) => strike({ ...deps, blow }, fault),
    settled: async () => waitUntilServing(kubectl),
    calmed: async () => Promise.resolve(),
    messages: queue.messages,
    end: async () => {
      const amiss = await whatIsAmiss(kubectl, crashes);
      await keepLogs(kubectl, dir);
      return amiss;
    },
    stop,
  };
};

const start = async (cluster: ClusterOptions, options: StartOptions): Promise<ChaosTarget<ClusterFault>> => {
  try {
    return await startOn(await install(cluster), options);
  } catch (thrown) {
    await removeRelease(namespace);
    throw thrown;
  }
};

/** Needs kubectl, helm and a cluster that answers at 127.0.0.1:30080 for a NodePort. */
export const clusterTarget = (cluster: ClusterOptions): TargetKind<ClusterFault> => ({
  schedule: ({ count, withinMs }, random) =>
    makeSchedule({ count, withinMs: withinMs * shareUnderFaults, rules: clusterFaultRules }, random),
  recoveryLimitMs,
  start: async (options) => start(cluster, options),
});
