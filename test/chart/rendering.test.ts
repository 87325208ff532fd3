import { execFile } from 'node:child_process';
import { basename } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { ensureHelm, findHelm3 } from '../../dev/helm/ensure-helm.ts';
import {
  chartDir,
  type KubernetesObject,
  ofKind,
  podsOf,
  render,
  type Rendering,
  valuesFiles,
} from './rendered-chart.ts';

const helm3 = await findHelm3();
if (helm3 === undefined)
  process.stdout.write('skipped: nothing to compare with, there is no helm3 on PATH\n');

beforeAll(async () => {
  await ensureHelm();
}, 900_000);

/** What is made anew where there is no cluster to look it up in. */
const withoutMadeSecrets = (objects: readonly KubernetesObject[]): KubernetesObject[] =>
  objects.filter(({ kind }) => kind !== 'Secret');

const ofTheCluster = new Set([
  'ClusterRole',
  'ClusterRoleBinding',
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionPolicyBinding',
]);

test('helm lint has nothing to say', async () => {
  const { stdout } = await promisify(execFile)(await ensureHelm(), ['lint', '--strict', chartDir]);
  expect(stdout).not.toMatch(/WARNING|ERROR/);
});

describe.each(valuesFiles.map((file) => [basename(file), file] as const))('with %s', (_, file) => {
  let once: KubernetesObject[] = [];
  beforeAll(async () => {
    once = await render({ files: [file] });
  });

  test('two renderings are the same, but for the Secrets that are made', async () => {
    const again = await render({ files: [file] });
    expect(withoutMadeSecrets(once)).toEqual(withoutMadeSecrets(again));
  });

  test.skipIf(helm3 === undefined)('Helm 3 renders the same as Helm 4', async () => {
    const three = await render({ files: [file], ...(helm3 ? { helm: helm3 } : {}) });
    expect(withoutMadeSecrets(three)).toEqual(withoutMadeSecrets(once));
  });

  test('every object is in the namespace of the release and carries its labels, and no two are the same', () => {
    const objects = once.filter(({ metadata }) => !metadata.name.includes('extra'));
    for (const { kind, metadata } of objects) {
      expect(metadata.namespace).toBe(ofTheCluster.has(kind) ? undefined : 'jobs');
      expect(metadata.labels).toMatchObject({
        'app.kubernetes.io/name': 'factorial',
        'app.kubernetes.io/instance': 'factorial',
        'app.kubernetes.io/version': '0.1.0',
        'app.kubernetes.io/managed-by': 'Helm',
        'app.kubernetes.io/part-of': 'factorial',
      });
    }
    const names = once.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
    expect(new Set(names).size).toBe(names.length);
  });

  test('no variable of a container is given twice', () => {
    for (const pod of Object.values(podsOf(once))) {
      for (const { env } of pod.spec.containers) {
        const names = env.map(({ name }) => name);
        expect(new Set(names).size).toBe(names.length);
      }
    }
  });
});

test.each([
  ['factorial-jwt', 'jwt-secret'],
  ['factorial-webhooks', 'webhook-keys'],
])(
  'the Secret %s has a key of its own each time it is made, and more than 32 bytes in it',
  async (name, key) => {
    const keyIn = (objects: readonly KubernetesObject[]) =>
      ofKind(objects, 'Secret').find(({ metadata }) => metadata.name === name)?.['data'];
    const [once, again] = await Promise.all([render(), render()]);
    expect(keyIn(once)).toEqual({ [key]: expect.stringMatching(/^[\w+/=]{60,}$/) });
    expect(keyIn(once)).not.toEqual(keyIn(again));
  },
);

test('no Secret is made where there are existing ones', async () => {
  const set = [
    'auth.existingSecret=a',
    'rabbitmq.existingSecret=b',
    'redis.existingSecret=c',
    'api.webhooks.existingSecret=d',
  ];
  expect(ofKind(await render({ set }), 'Secret')).toEqual([]);
});

const webhookVariables = async (values: Rendering): Promise<string> => {
  const env = podsOf(await render(values))['factorial-api']?.spec.containers[0]?.env ?? [];
  return JSON.stringify(env.filter(({ name }) => name.startsWith('WEBHOOK_')));
};

test('the api has the keys of webhooks from their Secret, and what they may do from the values', async () => {
  expect(await webhookVariables({})).toContain(
    '"secretKeyRef":{"key":"webhook-keys","name":"factorial-webhooks"}',
  );
  const more = await webhookVariables({
    set: ['api.webhooks.existingSecret=own', 'api.webhooks.secretKey=k', 'api.webhooks.allowHttp=true'],
    json: ['api.webhooks.allowedCidrs=["10.2.0.0/16","fd00::/8"]'],
  });
  expect(more).toContain('"secretKeyRef":{"key":"k","name":"own"}');
  expect(more).toContain('{"name":"WEBHOOK_ALLOW_HTTP","value":"true"}');
  expect(more).toContain('{"name":"WEBHOOK_ALLOWED_CIDRS","value":"10.2.0.0/16,fd00::/8"}');
});

test('without webhooks there is nothing of them', async () => {
  const set = ['api.webhooks.enabled=false'];
  expect(await webhookVariables({ set })).toBe('[]');
  const names = (await render({ set })).map(({ metadata }) => metadata.name);
  expect(names).not.toContain('factorial-webhooks');
});

test('the names of a release that is not called factorial start with its name and factorial', async () => {
  const names = (await render({ release: 'shop' })).map(({ metadata }) => metadata.name);
  expect(names).toSatisfy((all: string[]) => all.every((name) => /^shop-factorial(-|$)/.test(name)));
});

test('a number among the extra variables is written out', async () => {
  const pods = podsOf(await render({ json: ['podDefaults.extraEnv={"BYTES":1000000000,"LOG_LEVEL":null}'] }));
  const { env } = pods['factorial-api']?.spec.containers[0] ?? { env: [] };
  expect(env).toContainEqual({ name: 'BYTES', value: '1000000000' });
  expect(env.map(({ name }) => name)).not.toContain('LOG_LEVEL');
});

test('a tag may be written as a number', async () => {
  const pods = podsOf(await render({ set: ['image.tag=20260101', 'redis.image.tag=8'] }));
  expect(pods['factorial-api']?.spec.containers[0]?.image).toBe('factorial-api:20260101');
  expect(pods['factorial-redis']?.spec.containers[0]?.image).toBe('redis:8');
});

const replicasOf = async (values: Rendering): Promise<unknown> => {
  const api = ofKind(await render(values), 'Deployment').find(
    ({ metadata }) => metadata.name === 'factorial-api',
  );
  return z.looseObject({ replicas: z.number().optional() }).parse(api?.spec).replicas;
};

test('the api has the number of the values, and none where somebody else sets it', async () => {
  expect(await replicasOf({ set: ['api.replicas=3'] })).toBe(3);
  expect(await replicasOf({ set: ['api.replicas=null'] })).toBeUndefined();
  const objects = await render({ set: ['api.replicas=null'] });
  const budgets = ofKind(objects, 'PodDisruptionBudget').map(({ metadata }) => metadata.name);
  expect(budgets).toContain('factorial-api');
});

test('a rollout replaces as many workers at a time as the pool says', async () => {
  const json = ['pools={"factorial":{},"model":{"maxUnavailable":2}}'];
  const objects = await render({ set: ['worker.maxUnavailable=25%'], json });
  const strategies = ofKind(objects, 'Deployment').flatMap(({ metadata, spec }) =>
    metadata.name.includes('worker') ? [z.looseObject({ strategy: z.unknown() }).parse(spec).strategy] : [],
  );
  expect(strategies).toEqual(
    ['25%', 2].map((maxUnavailable) => ({
      type: 'RollingUpdate',
      rollingUpdate: { maxSurge: 0, maxUnavailable },
    })),
  );
});

test('the URLs of the embedded RabbitMQ can be used in other namespaces', async () => {
  const secret = ofKind(await render(), 'Secret').find(
    ({ metadata }) => metadata.name === 'factorial-rabbitmq',
  );
  const data = z.record(z.string(), z.string()).parse(secret?.['data']);
  const urls = ['amqp-url', 'management-url'].map((key) => new URL(atob(data[key] ?? '')).host);
  expect(urls).toEqual(['factorial-rabbitmq.jobs.svc:5672', 'factorial-rabbitmq.jobs.svc:15672']);
});
