import { basename } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { ensureHelm } from '../../dev/helm/ensure-helm.ts';
import {
  type KubernetesObject,
  ofKind,
  type PodTemplate,
  podsOf,
  render,
  renderText,
  theOnly,
  valuesFiles,
} from './rendered-chart.ts';

beforeAll(async () => {
  await ensureHelm();
}, 900_000);

const withTokens = (pods: Record<string, PodTemplate>, audience: string | undefined): string[] => {
  const source = z.looseObject({ serviceAccountToken: z.looseObject({ audience: z.string().optional() }) });
  const projected = z.looseObject({ projected: z.looseObject({ sources: z.array(z.unknown()) }) });
  return Object.entries(pods).flatMap(([name, { spec }]) => {
    const sources = spec.volumes.flatMap(
      (volume) => projected.safeParse(volume).data?.projected.sources ?? [],
    );
    const tokens = sources.flatMap((one) => source.safeParse(one).data ?? []);
    return tokens.some(({ serviceAccountToken }) => serviceAccountToken.audience === audience) ? [name] : [];
  });
};

test("only the api and the scaler have a token of the API server's", async () => {
  expect(withTokens(podsOf(await render()), undefined)).toEqual(['factorial-api', 'factorial-scaler']);
});

test('only workers and the scaler have a token for the api', async () => {
  const pods = podsOf(await render());
  expect(withTokens(pods, 'factorial-internal')).toEqual(['factorial-scaler', 'factorial-worker-factorial']);
});

test('the scaler may do what scaling takes, to the workers of its release, and nothing else', async () => {
  const objects = await render({ json: ['pools={"factorial":{},"model":{}}'] });
  const workers = ['factorial-worker-factorial', 'factorial-worker-model'];
  expect(theOnly(ofKind(objects, 'Role'))['rules']).toEqual([
    { apiGroups: ['apps'], resources: ['deployments'], resourceNames: workers, verbs: ['get'] },
    {
      apiGroups: ['apps'],
      resources: ['deployments/scale'],
      resourceNames: workers,
      verbs: ['get', 'patch'],
    },
    { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'patch'] },
    {
      apiGroups: ['coordination.k8s.io'],
      resources: ['leases'],
      resourceNames: ['factorial-scaler'],
      verbs: ['get', 'patch'],
    },
    { apiGroups: [''], resources: ['events'], verbs: ['create', 'patch'] },
  ]);
  expect(theOnly(ofKind(objects, 'RoleBinding'))['subjects']).toEqual([
    { kind: 'ServiceAccount', name: 'factorial-scaler', namespace: 'jobs' },
  ]);
  expect(ofKind(objects, 'ClusterRole')).toEqual([]);
  expect(ofKind(objects, 'ClusterRoleBinding')).toEqual([]);
});

test('asking the API server about tokens, and that alone, is a right of the api where it is to ask', async () => {
  const objects = await render({ set: ['internalAuth.tokenCheck=tokenreview'] });
  const role = theOnly(ofKind(objects, 'ClusterRole'));
  expect(role['rules']).toEqual([
    { apiGroups: ['authentication.k8s.io'], resources: ['tokenreviews'], verbs: ['create'] },
  ]);
  expect(theOnly(ofKind(objects, 'ClusterRoleBinding'))).toMatchObject({
    roleRef: { kind: 'ClusterRole', name: role.metadata.name },
    subjects: [{ kind: 'ServiceAccount', name: 'factorial-api', namespace: 'jobs' }],
  });
});

const policySchema = z.looseObject({
  matchConditions: z.tuple([z.looseObject({ expression: z.string() })]),
  validations: z.array(z.looseObject({ expression: z.string() })),
});

test('a policy holds the scaler to its own workers and their deletion cost, where it is asked for', async () => {
  const set = ['rbac.admissionPolicy=true', 'scaler.serviceAccount.name=own'];
  const objects = await render({ set });
  const policy = theOnly(ofKind(objects, 'ValidatingAdmissionPolicy'));
  const { matchConditions, validations } = policySchema.parse(policy.spec);
  expect(matchConditions[0].expression).toBe('request.userInfo.username == "system:serviceaccount:jobs:own"');
  const rules = validations.map(({ expression }) => expression).join('\n');
  for (const [label, value] of [
    ['component', 'worker'],
    ['instance', 'factorial'],
    ['name', 'factorial'],
  ]) {
    expect(rules).toContain(`[?"app.kubernetes.io/${label}"] == optional.of("${value}")`);
  }
  for (const kept of ['spec', 'labels', 'ownerReferences', 'finalizers', 'annotations'])
    expect(rules).toContain(kept);
  expect(theOnly(ofKind(objects, 'ValidatingAdmissionPolicyBinding')).spec).toEqual({
    policyName: policy.metadata.name,
    validationActions: ['Deny'],
    matchResources: { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'jobs' } } },
  });
});

test('what two installations make in the cluster has different names', async () => {
  const set = ['rbac.admissionPolicy=true', 'internalAuth.tokenCheck=tokenreview'];
  const namesIn = async (namespace: string, release: string): Promise<string[]> =>
    (await render({ set, namespace, release }))
      .filter(({ metadata }) => metadata.namespace === undefined)
      .map(({ kind, metadata }) => `${kind} ${metadata.name}`);
  const names = [...(await namesIn('a', 'b-factorial')), ...(await namesIn('a-b', 'factorial'))];
  expect(names).toHaveLength(8);
  expect(new Set(names).size).toBe(8);
});

test('without being asked for, nothing of the cluster is touched', async () => {
  const kinds = (await render()).map(({ kind }) => kind);
  expect(kinds.filter((kind) => /^Cluster|^Validating/.test(kind))).toEqual([]);
});

test("the API server's tokens are not of the length that it stretches to a year", async () => {
  const text = await renderText({});
  expect([...text.matchAll(/expirationSeconds: (\d+)/g)].map(([, seconds]) => seconds)).not.toContain('3607');
});

test("the Lease is there, and what it says is the scaler's", async () => {
  const lease = theOnly(ofKind(await render(), 'Lease'));
  expect(lease.metadata.name).toBe('factorial-scaler');
  expect(lease.spec).toBeUndefined();
});

test.each(['hpa', 'keda', 'none'])('in mode %s nothing of the scaler is there', async (mode) => {
  const objects = await render({ set: [`autoscaling.mode=${mode}`] });
  expect(objects.filter(({ metadata }) => metadata.name === 'factorial-scaler')).toEqual([]);
});

describe.each(valuesFiles.map((file) => [basename(file), file] as const))('with %s', (_, file) => {
  let objects: KubernetesObject[] = [];
  let pods: PodTemplate[] = [];
  beforeAll(async () => {
    objects = await render({ files: [file] });
    pods = Object.values(podsOf(objects));
  });

  test('no secret is in a ConfigMap, an argument or a variable', () => {
    const secrets = ofKind(objects, 'Secret').flatMap((secret) =>
      Object.values(z.record(z.string(), z.string()).parse(secret['data'])).map((value) =>
        Buffer.from(value, 'base64').toString(),
      ),
    );
    const others = JSON.stringify(objects.filter(({ kind }) => kind !== 'Secret'));
    for (const secret of secrets.filter((text) => text !== 'factorial')) expect(others).not.toContain(secret);
    for (const { env, args, command } of pods.flatMap(({ spec }) => spec.containers)) {
      expect([...args, ...command].join(' ')).not.toMatch(/\$\(\w*(PASSWORD|SECRET|URL)/);
      const texts = env.filter(
        ({ name, value }) =>
          value !== undefined && /PASSWORD|SECRET|KEYS|REDIS_URL|AMQP_URL|MANAGEMENT_URL/.test(name),
      );
      expect(texts).toEqual([]);
    }
  });
});
