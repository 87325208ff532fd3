/** A namespace of its own in a real cluster: a Deployment of pods that do nothing, a Lease, and a scaler with exactly its rights. */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { createKubernetesClient, type KubernetesClient } from '@factorial/core/kubernetes/kubernetes-client';
import { z } from 'zod';

const run = promisify(execFile);

export interface TestCluster {
  client: KubernetesClient;
  namespace: string;
  /** As the cluster's administrator, in the namespace. */
  kubectl: (...args: string[]) => Promise<string>;
  remove(): Promise<void>;
}

export const deployment = 'work-pool';
export const lease = 'scaler';

const configSchema = z.object({
  clusters: z.array(
    z.object({ cluster: z.object({ server: z.string(), 'certificate-authority-data': z.string() }) }),
  ),
});

const labels = { app: 'work' };
const rule = ([apiGroup, resource]: [string, string], verbs: string[], ...resourceNames: string[]) => ({
  apiGroups: [apiGroup],
  resources: [resource],
  verbs,
  ...(resourceNames.length > 0 ? { resourceNames } : {}),
});

/** The rights that the chart gives the scaler: no more may be needed. */
const rules = [
  rule(['apps', 'deployments/scale'], ['get', 'patch'], deployment),
  rule(['apps', 'deployments'], ['get'], deployment),
  rule(['', 'pods'], ['get', 'list', 'patch']),
  rule(['coordination.k8s.io', 'leases'], ['get', 'patch'], lease),
  rule(['', 'events'], ['create', 'patch']),
];

const metadata = (name: string) => ({ name });
const rbac = 'rbac.authorization.k8s.io';

const objects = (namespace: string) => [
  { apiVersion: 'v1', kind: 'ServiceAccount', metadata: metadata('scaler') },
  { apiVersion: `${rbac}/v1`, kind: 'Role', metadata: metadata('scaler'), rules },
  {
    apiVersion: `${rbac}/v1`,
    kind: 'RoleBinding',
    metadata: metadata('scaler'),
    roleRef: { apiGroup: rbac, kind: 'Role', name: 'scaler' },
    subjects: [{ kind: 'ServiceAccount', name: 'scaler', namespace }],
  },
  { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: metadata(lease), spec: {} },
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: metadata(deployment),
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          terminationGracePeriodSeconds: 1,
          automountServiceAccountToken: false,
          containers: [
            {
              name: 'pause',
              image: 'registry.k8s.io/pause:3.10',
              imagePullPolicy: 'IfNotPresent',
              resources: { requests: { cpu: '1m', memory: '4Mi' } },
            },
          ],
        },
      },
    },
  },
];

/** On the cluster that kubectl speaks to, as its administrator. */
export const createTestCluster = async (): Promise<TestCluster> => {
  const folder = await mkdtemp(path.join(tmpdir(), 'scaler-cluster-'));
  const namespace = `scaler-test-${randomBytes(4).toString('hex')}`;
  const call = async (...args: string[]): Promise<string> =>
    (await run('kubectl', args, { timeout: 60_000 })).stdout;
  const kubectl = async (...args: string[]) => call('--namespace', namespace, ...args);

  await call('create', 'namespace', namespace);
  const items = objects(namespace);
  const manifest = path.join(folder, 'objects.json');
  await writeFile(manifest, JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  await kubectl('apply', '--filename', manifest);

  const config = configSchema.parse(
    JSON.parse(await call('config', 'view', '--raw', '--minify', '-o', 'json')),
  );
  const [{ cluster } = { cluster: { server: '', 'certificate-authority-data': '' } }] = config.clusters;
  const [caFile, tokenFile] = [path.join(folder, 'ca.crt'), path.join(folder, 'token')];
  await writeFile(caFile, Buffer.from(cluster['certificate-authority-data'], 'base64'));
  await writeFile(tokenFile, await kubectl('create', 'token', 'scaler'), { mode: 0o600 });
  const client = createKubernetesClient({ url: cluster.server, tokenFile, caFile });
  return {
    client,
    namespace,
    kubectl,
    remove: async () => {
      await client.close();
      await call('delete', 'namespace', namespace, '--wait=false');
      await rm(folder, { recursive: true });
    },
  };
};
