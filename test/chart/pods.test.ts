import { basename } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { ensureHelm } from '../../dev/helm/ensure-helm.ts';
import { configSchema as apiConfig } from '../../services/api/src/config.ts';
import { janitorConfigSchema } from '../../services/janitor/src/config.ts';
import { scalerConfigSchema } from '../../services/scaler/src/config.ts';
import { configSchema as workerConfig } from '../../services/worker/src/config.ts';
import {
  type Container,
  type KubernetesObject,
  ofKind,
  type PodTemplate,
  podsOf,
  render,
  theOnly,
  valuesFiles,
} from './rendered-chart.ts';

beforeAll(async () => {
  await ensureHelm();
}, 900_000);

const mainOf = (pod: PodTemplate | undefined): Container => theOnly(pod?.spec.containers ?? []);
const componentOf = (pod: PodTemplate): string => pod.metadata.labels['app.kubernetes.io/component'] ?? '';

const services: Record<string, z.ZodObject> = {
  api: apiConfig,
  worker: workerConfig,
  scaler: scalerConfigSchema,
  janitor: janitorConfigSchema,
};

/** What Node itself reads. */
const nodeVariables = ['NODE_OPTIONS', 'NODE_EXTRA_CA_CERTS'];

const isRequired = (field: z.core.$ZodType): boolean => {
  const parsed = field['~standard'].validate(undefined);
  return !(parsed instanceof Promise) && parsed.issues !== undefined;
};

const probesSchema = z.looseObject({
  startupProbe: z.looseObject({}),
  readinessProbe: z.looseObject({}),
  livenessProbe: z.looseObject({}),
});
const probePort = z.union([
  z.looseObject({ httpGet: z.looseObject({ port: z.string() }) }).transform((probe) => probe.httpGet.port),
  z
    .looseObject({ tcpSocket: z.looseObject({ port: z.string() }) })
    .transform((probe) => probe.tcpSocket.port),
]);

const extra = new Set(['EXTRA', 'MODEL_BYTES', 'MODEL_KEY']);

describe.each(valuesFiles.map((file) => [basename(file), file] as const))('with %s', (_, file) => {
  let objects: KubernetesObject[] = [];
  let pods: [string, PodTemplate][] = [];
  beforeAll(async () => {
    objects = await render({ files: [file] });
    pods = Object.entries(podsOf(objects));
  });

  test('every pod keeps to the restricted standard, and its root is read-only', () => {
    for (const [, { spec }] of pods) {
      expect(spec.securityContext).toMatchObject({
        runAsNonRoot: true,
        seccompProfile: { type: 'RuntimeDefault' },
      });
      expect(spec).toMatchObject({ automountServiceAccountToken: false, enableServiceLinks: false });
      expect(spec).not.toHaveProperty('hostNetwork');
      expect(spec.volumes.filter((volume) => 'hostPath' in volume)).toEqual([]);
      for (const { securityContext } of spec.containers) {
        expect(securityContext).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
      }
    }
  });

  test('every container asks for memory and CPU and has a limit of memory', () => {
    for (const [, { spec }] of pods) {
      for (const { resources } of spec.containers) {
        expect(Object.keys(resources.requests)).toEqual(expect.arrayContaining(['cpu', 'memory']));
        expect(Object.keys(resources.limits)).toContain('memory');
      }
    }
  });

  test('every pod that stays has three probes, of ports that it has', () => {
    for (const [, pod] of pods.filter(([, pod]) => !['janitor', 'test'].includes(componentOf(pod)))) {
      const { ports, ...container } = mainOf(pod);
      for (const probe of Object.values(
        probesSchema
          .pick({ startupProbe: true, readinessProbe: true, livenessProbe: true })
          .strip()
          .parse(container),
      )) {
        expect(ports.map(({ name }) => name)).toContain(probePort.parse(probe));
      }
    }
  });

  test('the services are given what they need, and nothing that they do not know', () => {
    for (const [, pod] of pods) {
      const schema = services[componentOf(pod)];
      if (schema === undefined) continue;
      const given = mainOf(pod).env.map(({ name }) => name);
      const known = [...Object.keys(schema.shape), ...nodeVariables, ...extra];
      expect(known).toEqual(expect.arrayContaining(given));
      const required = Object.entries(schema.shape).flatMap(([name, field]) =>
        isRequired(field) ? [name] : [],
      );
      expect(given).toEqual(expect.arrayContaining(required));
    }
  });

  test('texts for the services are what their schemas take', () => {
    const wrong = pods.flatMap(([, pod]) => {
      const { shape = {} } = services[componentOf(pod)] ?? {};
      return mainOf(pod).env.filter(({ name, value }) => {
        const field = shape[name];
        return field && value !== undefined && !z.safeParse(field, value).success;
      });
    });
    expect(wrong).toEqual([]);
  });

  test('a mounted path is mounted once, and its volume is there', () => {
    for (const [, pod] of pods) {
      const { volumeMounts } = mainOf(pod);
      const paths = volumeMounts.map(({ mountPath }) => mountPath);
      expect(new Set(paths).size).toBe(paths.length);
      const volumes = [...pod.spec.volumes.map(({ name }) => name), 'data'];
      expect(volumes).toEqual(expect.arrayContaining(volumeMounts.map(({ name }) => name)));
    }
  });

  test('workers have a number only where nobody else sets it', () => {
    const numbers = ofKind(objects, 'Deployment')
      .filter(({ metadata }) => metadata.labels['app.kubernetes.io/component'] === 'worker')
      .map(({ spec }) => z.looseObject({ replicas: z.number().optional() }).parse(spec).replicas);
    const isFixed = basename(file) === 'none-values.yaml';
    expect(new Set(numbers)).toEqual(new Set([isFixed ? 3 : undefined]));
  });
});

const milliCpu = (text: string | number): number =>
  String(text).endsWith('m') ? Number.parseInt(String(text), 10) : Number(text) * 1_000;
const mebibytes = (text: string | number): number => {
  const [, number = '', unit = ''] = /^(\d+)(Mi|Gi)$/.exec(String(text)) ?? [];
  return Number(number) * (unit === 'Gi' ? 1_024 : 1);
};

test('a default installation asks for at most 900 Mi and 1,200m', async () => {
  const pods = Object.values(podsOf(await render())).filter(
    (pod) => !['janitor', 'test'].includes(componentOf(pod)),
  );
  expect(pods).toHaveLength(5);
  const requests = pods.map((pod) => mainOf(pod).resources.requests);
  const sum = (figures: number[]): number => figures.reduce((total, figure) => total + figure, 0);
  expect(sum(requests.map(({ memory }) => mebibytes(memory ?? 0)))).toBeLessThanOrEqual(900);
  expect(sum(requests.map(({ cpu }) => milliCpu(cpu ?? 0)))).toBeLessThanOrEqual(1_200);
});

const variablesOf = (pod: PodTemplate | undefined): Record<string, string | undefined> =>
  Object.fromEntries(mainOf(pod).env.map(({ name, value }) => [name, value]));

test('a worker is given the time of its longest run, and its pod the margin on top', async () => {
  const pods = podsOf(await render({ set: ['pools.factorial.runTimeoutSeconds=900'] }));
  const worker = pods['factorial-worker-factorial'];
  expect(worker?.spec.terminationGracePeriodSeconds).toBe(930);
  expect(variablesOf(worker)).toMatchObject({ GRACE_SECONDS: '900' });
});

test('the scaler is told of every pool, with what the pool sets for itself', async () => {
  const json = [
    'pools={"factorial":{},"model":{"slots":2,"autoscaling":{"minWorkers":0,"targetWaitSeconds":60}}}',
  ];
  const { POOLS } = variablesOf(podsOf(await render({ json }))['factorial-scaler']);
  const common = { maxWorkers: 4, idleTimeoutSeconds: 300, downWindowSeconds: 30, assumedServiceSeconds: 5 };
  expect(JSON.parse(POOLS ?? '')).toEqual([
    {
      name: 'factorial',
      deployment: 'factorial-worker-factorial',
      slotsPerWorker: 1,
      minWorkers: 1,
      targetWaitSeconds: 30,
      ...common,
    },
    {
      name: 'model',
      deployment: 'factorial-worker-model',
      slotsPerWorker: 2,
      minWorkers: 0,
      targetWaitSeconds: 60,
      ...common,
    },
  ]);
});

test('the api is told whose tokens are workers and whose are the scaler', async () => {
  const json = ['pools={"factorial":{},"model":{"serviceAccount":{"name":"gpu"}}}'];
  const { INTERNAL_SERVICE_ACCOUNTS } = variablesOf(podsOf(await render({ json }))['factorial-api']);
  expect(JSON.parse(INTERNAL_SERVICE_ACCOUNTS ?? '')).toEqual({
    'jobs/factorial-worker-factorial': { scope: 'worker', pool: 'factorial' },
    'jobs/gpu': { scope: 'worker', pool: 'model' },
    'jobs/factorial-scaler': { scope: 'scaler' },
  });
});

test("Node's heap fits into the container", async () => {
  for (const pod of Object.values(podsOf(await render()))) {
    const { NODE_OPTIONS } = variablesOf(pod);
    if (NODE_OPTIONS === undefined) continue;
    const heap = Number(NODE_OPTIONS.replace('--max-old-space-size=', ''));
    expect(heap).toBeGreaterThanOrEqual(32);
    expect(heap).toBeLessThanOrEqual(mebibytes(mainOf(pod).resources.limits['memory'] ?? 0) * 0.6);
  }
});

test('one registry stands before every image, a digest wins over the tag', async () => {
  const images = Object.values(
    podsOf(await render({ files: valuesFiles.filter((file) => file.includes('everything')) })),
  );
  for (const pod of images) expect(mainOf(pod).image).toMatch(/^registry\.example\.com\/mirror\//);
  expect(images.map((pod) => mainOf(pod).image)).toContainEqual(
    expect.stringMatching(/factorial-api@sha256:\w{64}$/),
  );
});

test('a protected worker tells the cluster not to move it', async () => {
  const pods = podsOf(await render({ set: ['worker.protectFromEviction=true'] }));
  expect(pods['factorial-worker-factorial']?.metadata.annotations).toEqual({
    'controller.kubernetes.io/pod-deletion-cost': '0',
    'karpenter.sh/do-not-disrupt': 'true',
    'cluster-autoscaler.kubernetes.io/safe-to-evict': 'false',
  });
});

test('`helm test` leaves its job out, and says why, when no pool has the task', async () => {
  const told = async (set: string[]): Promise<string | undefined> =>
    variablesOf(podsOf(await render({ set }))['factorial-test'])['SKIP_JOB'];
  expect(await told([])).toBeUndefined();
  expect(await told(['worker.tasks=/tasks/model'])).toContain('name one of yours in tests.job');
  expect(await told(['worker.tasks=/tasks/model', 'tests.job.task=model'])).toBeUndefined();
  expect(await told(['worker.tasks=/tasks/model', 'pools.other.tasks='])).toBeUndefined();
});
