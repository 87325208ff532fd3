/** The installation under test: brought to the values a test file asks for, and how to talk to it. */
import { join } from 'node:path';
import { waitUntil } from '@factorial/core/testing/wait-until';
import { z } from 'zod';
import { createSystemClient, type ClientTarget, type SystemClient } from '../../client/system-client.ts';
import { createKubectl, type Kubectl } from './kubectl.ts';
import { napTask } from './nap-task.ts';
import { run, type Ran } from './run.ts';

export const repository = join(import.meta.dirname, '../../..');
export const chart = join(repository, 'charts/factorial');
/** Also the full name of its objects. */
export const releaseName = 'factorial';
export const imageTag = 'e2e';
const nodePort = 30_080;

export type Profile = 'default' | 'naps';

export interface HelmOptions {
  /** `helm` (4) or `helm3`. */
  program?: string;
  namespace?: string;
  timeoutMs?: number;
}

export const namespace = 'factorial-e2e';

export const helm = async (
  args: readonly string[],
  { program = 'helm', namespace: where = namespace, timeoutMs = 300_000 }: HelmOptions = {},
): Promise<Ran> => run(program, [...args, '--namespace', where], { timeoutMs });

/** The chart's own values for a cluster on one's machine, and for `naps` what is special to it. */
const valuesOf = (profile: Profile): readonly string[] => [
  '--values',
  join(chart, 'values-kind.yaml'),
  ...(profile === 'naps' ? ['--values', join(import.meta.dirname, '../profiles/naps.yaml')] : []),
  '--set',
  `image.tag=${imageTag}`,
];

export const prepareNamespace = async (name: string): Promise<Kubectl> => {
  const kubectl = createKubectl(name);
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
  await kubectl.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } });
  return kubectl;
};

/** Without waiting for the pods. */
export const upgradeRelease = async (
  profile: Profile,
  more: readonly string[] = [],
  options: HelmOptions = {},
): Promise<Ran> => helm(['upgrade', '--install', releaseName, chart, ...valuesOf(profile), ...more], options);

export const podSchema = z.looseObject({
  metadata: z.looseObject({
    name: z.string(),
    uid: z.string(),
    deletionTimestamp: z.string().optional(),
    labels: z.record(z.string(), z.string()).default({}),
  }),
  status: z.looseObject({
    phase: z.string(),
    conditions: z.array(z.looseObject({ type: z.string(), status: z.string() })).default([]),
    containerStatuses: z
      .array(z.looseObject({ name: z.string(), restartCount: z.number(), lastState: z.unknown() }))
      .default([]),
  }),
});
export type Pod = z.output<typeof podSchema>;

export const isReady = (pod: Pod): boolean =>
  pod.metadata.deletionTimestamp === undefined &&
  pod.status.conditions.some(({ type, status }) => type === 'Ready' && status === 'True');

export const podsOf = async (kubectl: Kubectl, component?: string): Promise<Pod[]> =>
  kubectl.list(
    podSchema,
    'pods',
    `app.kubernetes.io/instance=${releaseName}${component === undefined ? '' : `,app.kubernetes.io/component=${component}`}`,
  );

const isServing = (pods: readonly Pod[]): boolean => pods.length > 0 && pods.every(isReady);

/** Pods of jobs (the janitor's, the chart's tests) end by design. */
const servingComponents = ['api', 'scaler', 'rabbitmq', 'redis'] as const;

/** Until every long-lived component has pods and all of them are ready and of the latest version; a pool may be asleep. */
export const waitUntilServing = async (kubectl: Kubectl, timeoutMs = 180_000): Promise<void> => {
  const ofRelease = `--selector=app.kubernetes.io/instance=${releaseName}`;
  await kubectl.run(['rollout', 'status', 'deployment', ofRelease, `--timeout=${timeoutMs}ms`], {
    timeoutMs: timeoutMs + 10_000,
  });
  await waitUntil(
    async () => {
      const pods = await Promise.all(servingComponents.map(async (name) => podsOf(kubectl, name)));
      return pods.every(isServing) && (await podsOf(kubectl, 'worker')).every(isReady);
    },
    { timeoutMs, pollMs: 500, what: 'every component is ready' },
  );
};

export interface Release extends ClientTarget {
  kubectl: Kubectl;
  client: SystemClient;
  /** A client's token, made in the api's pod as the chart's notes say. */
  tokenFor: (subject: string, scopes?: string) => Promise<string>;
}

export const connect = async (kubectl: Kubectl): Promise<Release> => {
  const tokenFor: Release['tokenFor'] = async (subject, scopes = 'jobs:read jobs:write') => {
    const mint = ['node', 'services/api/dist/mint-token.js', '--subject', subject, '--scope', scopes];
    const { stdout } = await kubectl.run(['exec', `deploy/${releaseName}-api`, '--', ...mint]);
    return stdout.trim();
  };
  const target = { apiUrl: `http://127.0.0.1:${nodePort}`, token: await tokenFor('e2e') };
  // A new Service takes a moment until the node's port leads to it.
  await waitUntil(async () => (await fetch(target.apiUrl)).status > 0, {
    timeoutMs: 30_000,
    pollMs: 200,
    what: 'the port of the node leads to the api',
  });
  return { ...target, kubectl, tokenFor, client: createSystemClient(target) };
};

const listSchema = z.looseObject({ jobs: z.array(z.looseObject({ id: z.string() })) });

/** What an earlier test left behind would keep workers busy that a later one counts. */
const cancelUnfinished = async ({ client }: Release): Promise<void> => {
  for (const status of ['queued', 'processing']) {
    const page = async () =>
      listSchema.parse(JSON.parse((await client.call(`/v1/jobs?status=${status}`)).text)).jobs;
    for (let jobs = await page(); jobs.length > 0; jobs = await page()) {
      for (const { id } of jobs) await client.post(`/v1/jobs/${id}/cancel`, {});
      for (const { id } of jobs) await client.waitUntilFinal(id);
    }
  }
};

/** Installs, or upgrades to, the profile; every component is ready, and nothing runs, when it returns. */
export const ensureRelease = async (profile: Profile, more: readonly string[] = []): Promise<Release> => {
  const kubectl = await prepareNamespace(namespace);
  if (profile === 'naps') await kubectl.apply(napTask('nap'), napTask('rare-nap'));
  await upgradeRelease(profile, more);
  await waitUntilServing(kubectl);
  const release = await connect(kubectl);
  await cancelUnfinished(release);
  return release;
};

/** Everything, the volumes too, and at once: a worker that a failed test has left at a long nap would be waited for. */
export const removeRelease = async (where = namespace): Promise<void> => {
  await helm(['uninstall', releaseName, '--ignore-not-found'], { namespace: where });
  const kubectl = createKubectl(where);
  await kubectl.run(['delete', 'pods', '--all', '--force', '--grace-period=0']);
  await kubectl.run(['delete', 'namespace', where, '--ignore-not-found', '--timeout=180s'], {
    timeoutMs: 200_000,
  });
};
