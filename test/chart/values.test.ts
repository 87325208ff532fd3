import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { ensureHelm } from '../../dev/helm/ensure-helm.ts';
import { chartDir, refusal, type Rendering } from './rendered-chart.ts';
import { valuesTable } from './values-table.ts';

beforeAll(async () => {
  await ensureHelm();
}, 900_000);

describe('the schema refuses', () => {
  test.each([
    ['a name that it does not know', { set: ['apii.replicas=2'] }, "'apii' not allowed"],
    ['a setting that a component does not have', { set: ['api.replicaCount=2'] }, '/api/replicaCount'],
    ['a setting that a pool does not have', { set: ['pools.factorial.slot=2'] }, '/pools/factorial'],
    ['a pool whose name is none for a queue', { json: ['pools={"My_Pool":{}}'] }, 'My_Pool'],
    ['a mode that there is not', { set: ['autoscaling.mode=cron'] }, '/autoscaling/mode'],
    ['a text for a number', { set: ['autoscaling.maxWorkers=many'] }, '/autoscaling/maxWorkers'],
    ['a negative number', { set: ['autoscaling.minWorkers=-1'] }, '/autoscaling/minWorkers'],
    ['more slots than a worker has', { set: ['worker.slots=65'] }, '/worker/slots'],
    ['an unintelligible amount of memory', { set: ['api.resources.limits.memory=lots'] }, 'limits/memory'],
    ['a digest that is none', { set: ['image.digests.api=latest'] }, '/image/digests/api'],
    ['a retention of nothing', { set: ['jobs.retentionSeconds=0'] }, '/jobs/retentionSeconds'],
    ['a weaker write to the disk than it knows', { set: ['redis.appendfsync=no'] }, '/redis/appendfsync'],
    ['an unknown check of tokens', { set: ['internalAuth.tokenCheck=none'] }, '/internalAuth/tokenCheck'],
    ['a tag that would break the keys', { set: ['redisTag={a}'] }, '/redisTag'],
    ['a name that is none for a Service', { set: ['fullnameOverride=1.jobs'] }, '/fullnameOverride'],
    ['a name with capitals in labels', { set: ['nameOverride=Jobs'] }, '/nameOverride'],
    ['a budget of nobody', { set: ['worker.podDisruptionBudget.maxUnavailable=0'] }, 'minimum: got 0'],
    ['a budget of 0 %', { set: ['api.podDisruptionBudget.maxUnavailable=0%'] }, 'api/podDisruptionBudget'],
    ['a rollout of nobody', { set: ['worker.maxUnavailable=0'] }, '/worker/maxUnavailable'],
    ['a rollout of more than all', { set: ['worker.maxUnavailable=101%'] }, '/worker/maxUnavailable'],
    ['too little time to stop', { set: ['worker.terminationMarginSeconds=9'] }, 'got 9, want 10'],
    ['a heap without room beside it', { set: ['api.nodeHeapPercent=76'] }, '/api/nodeHeapPercent'],
    ['a map that was taken away', { set: ['api.resources=null'] }, "missing property 'resources'"],
    ["a pod's security that was", { set: ['podDefaults.podSecurityContext=null'] }, "'podSecurityContext'"],
    ['a number that was', { set: ['jobs.maxBytes=null'] }, "at '/jobs': missing property 'maxBytes'"],
    ['a host without a name', { json: ['ingress.hosts=[{"paths":[]}]'] }, '/ingress/hosts/0'],
  ] satisfies [string, Rendering, string][])('%s', async (_, values, told) => {
    expect(await refusal(values)).toContain(told);
  });
});

test('the schema takes what charts around this one set', async () => {
  const json = ['global={"storageClass":"fast","other":{"a":1}}', 'enabled=true'];
  expect(await refusal({ json })).toBe('');
});

describe('values that do not fit together are refused:', () => {
  test.each([
    [
      { set: ['worker.terminationGracePeriodSeconds=300'] },
      'has to be at least runTimeoutSeconds + terminationMargin',
    ],
    [
      { set: ['rabbitmq.consumerTimeoutSeconds=329'] },
      'has to be at least the longest runTimeoutSeconds + terminationMarginSeconds (330)',
    ],
    [{ set: ['pools.factorial.runTimeoutSeconds=1790'] }, 'terminationMarginSeconds (1820)'],
    [
      { set: ['autoscaling.minWorkers=5'] },
      'autoscaling.maxWorkers (4) has to be at least autoscaling.minWorkers (5)',
    ],
    [{ set: ['pools.factorial.autoscaling.minWorkers=9'] }, 'pools.factorial: autoscaling.maxWorkers (4)'],
    [
      { set: ['api.resources.limits.memory=64Mi'] },
      'api.resources.limits.memory (64Mi) is less than its request',
    ],
    [
      { set: ['worker.resources.limits.cpu=100m'] },
      'pools.factorial.resources.limits.cpu (100m) is less than its',
    ],
    [{ set: ['scaler.resources.limits.memory=null'] }, 'scaler.resources.limits.memory is missing'],
    [
      { set: ['externalRabbitmq.existingSecret=a'] },
      'rabbitmq.enabled and externalRabbitmq.existingSecret are both set',
    ],
    [
      { set: ['externalRedis.existingSecret=a'] },
      'redis.enabled and externalRedis.existingSecret are both set',
    ],
    [{ set: ['rabbitmq.enabled=false'] }, 'There is no RabbitMQ'],
    [{ set: ['redis.enabled=false'] }, 'There is no Redis'],
    [{ set: ['jobs.maxBytes=134217728'] }, "has to be less than Redis's maxmemory (120795955"],
    [{ set: ['janitor.maxBytes=80000000'] }, 'has to be at most jobs.maxBytes (75497472)'],
    [{ set: ['auth.jwtSecret=short'] }, 'auth.jwtSecret has 5 bytes: HS256 needs at least 32'],
    [
      { set: ['auth.existingSecret=a', 'auth.jwtSecret=0123456789abcdef0123456789abcdef'] },
      'auth.jwtSecret and auth.existingSecret are both set',
    ],
    [
      { set: ['auth.jwks.configMap=a', 'auth.jwks.secret=a'] },
      'auth.jwks.configMap and auth.jwks.secret are both',
    ],
    [
      { set: ['caBundle.configMap=a', 'caBundle.secret=a'] },
      'caBundle.configMap and caBundle.secret are both set',
    ],
    [
      { set: ['autoscaling.mode=keda', 'autoscaling.targetWaitSeconds=10'] },
      'autoscaling.targetWaitSeconds is a setting of mode scaler, and autoscaling.mode is keda',
    ],
    [
      { set: ['autoscaling.mode=hpa', 'autoscaling.dryRun=true'] },
      'autoscaling.dryRun is a setting of mode scaler',
    ],
    [
      { set: ['autoscaling.mode=none', 'pools.factorial.autoscaling.idleTimeoutSeconds=5'] },
      'pools.factorial.autoscaling.idleTimeoutSeconds is a setting of mode scaler',
    ],
    [{ set: ['autoscaling.mode=hpa', 'autoscaling.minWorkers=0'] }, 'has to be at least 1 in mode hpa'],
    [{ json: ['pools={"factorial":null}'] }, 'There is no pool'],
    [{ json: ['pools={"a-pool-with-quite-a-long-name-for-one":{}}'] }, 'more than 52 letters'],
    [{ set: ['podDefaults.serviceAccount.name=one'] }, 'have the same ServiceAccount'],
    ...['api', 'scaler', 'pools.factorial'].map((path): [Rendering, string] => [
      { set: [`${path}.serviceAccount.create=false`] },
      `${path}.serviceAccount: create is false and there is no name of its own`,
    ]),
    [{ set: ['jobs.outputLimitBytes=33554432'] }, 'are 8 × outputLimitBytes + 96 MiB = 369098752 bytes'],
    [{ set: ['jobs.outputLimitBytes=16777216'] }, 'are 4 × outputLimitBytes + 16 MiB = 83886080 bytes'],
    [
      { set: ['api.resources.limits.ephemeral-storage=1Mi'] },
      'api.resources.limits.ephemeral-storage (1Mi) is less than its request (64Mi)',
    ],
    [{ set: ['redis.resources.limits=null'] }, 'redis.resources.limits.memory is missing'],
    [{ release: '1st' }, 'The name 1st-factorial, which all objects begin with, is none for a Service'],
    [{ release: 'a.b' }, 'set fullnameOverride'],
    [{ set: ['worker.replicas=2'] }, 'worker.replicas is a setting of mode none'],
    [{ set: ['pools.factorial.replicas=1'] }, 'pools.factorial.replicas is a setting of mode none'],
    [{ set: ['autoscaling.keda.pollingInterval=9'] }, 'autoscaling.keda is a setting of mode keda'],
    [
      { json: ['pools.factorial.autoscaling={"hpa":{"metrics":[]}}'] },
      'pools.factorial.autoscaling.hpa is a setting of mode hpa',
    ],
    [{ set: ['ingress.enabled=true'] }, 'ingress.hosts is empty'],
    [{ set: ['httpRoute.enabled=true'] }, 'httpRoute.parentRefs is empty'],
    [{ set: ['api.service.nodePort=30080'] }, 'api.service.type is ClusterIP'],
    [
      { set: ['metrics.podMonitor.enabled=true', 'metrics.serviceMonitor.enabled=true'] },
      'metrics.podMonitor and metrics.serviceMonitor are both enabled',
    ],
  ] satisfies [Rendering, string][])('%j', async (values, told) => {
    expect(await refusal(values)).toContain(told);
  });

  test('all mistakes are told at once', async () => {
    const told = await refusal({ set: ['ingress.enabled=true', 'httpRoute.enabled=true'] });
    expect(told).toContain('ingress.hosts');
    expect(told).toContain('httpRoute.parentRefs');
  });
});

const defaults = z
  .looseObject({ autoscaling: z.record(z.string(), z.unknown()) })
  .parse(parse(readFileSync(join(chartDir, 'values.yaml'), 'utf8')));

test('what counts as a changed setting of a mode is measured by the values', () => {
  const template = readFileSync(join(chartDir, 'templates/_validate.tpl'), 'utf8');
  const [, json = ''] = /"factorial\.modeDefaults" -}}\n([^]*?)\n\{\{- end/.exec(template) ?? [];
  const modes = z.record(z.string(), z.record(z.string(), z.unknown())).parse(JSON.parse(json));
  expect(Object.keys(modes)).toEqual(['scaler', 'hpa', 'keda']);
  const { mode: _, minWorkers: __, maxWorkers: ___, ...rest } = defaults.autoscaling;
  expect(Object.assign({}, ...Object.values(modes))).toEqual(rest);
});

const requiredSchema = z.looseObject({
  required: z.array(z.string()).default([]),
  get properties() {
    return z.record(z.string(), requiredSchema).optional();
  },
});
type Required = z.output<typeof requiredSchema>;

/** What a template takes for granted; empty lists, maps and texts may be taken away, and those that only widen a rule. */
const mayBeTakenAway = new Set([
  'api.replicas',
  'autoscaling.hpa.behavior',
  'autoscaling.keda.fallback',
  'networkPolicy.metricsFrom',
  'networkPolicy.kedaFrom',
]);
const isEmpty = (value: unknown): boolean => value === '' || JSON.stringify(value ?? {}).length === 2;

const notRequired = (values: object, schema: Required, path = ''): string[] =>
  Object.entries(values).flatMap(([name, value]: [string, unknown]) => {
    const here = `${path}${name}`;
    const inner = schema.properties?.[name];
    if (isEmpty(value) || mayBeTakenAway.has(here)) return [];
    const missing = schema.required.includes(name) ? [] : [here];
    const isMap = typeof value === 'object' && value !== null && inner?.properties !== undefined;
    return isMap ? [...missing, ...notRequired(value, inner, `${here}.`)] : missing;
  });

test('the schema asks for every value that has a default, so that null is refused in words', () => {
  const schema = requiredSchema.parse(JSON.parse(readFileSync(join(chartDir, 'values.schema.json'), 'utf8')));
  expect(notRequired(defaults, schema)).toEqual([]);
});

test.each([
  ['a list that nobody needs', 'podDefaults.topologySpreadConstraints=null'],
  ['labels of nobody', 'commonLabels=null'],
  ['annotations of nobody', 'api.service.annotations=null'],
  ['a user that the cluster gives', 'podDefaults.podSecurityContext.runAsUser=null'],
  ['a memory in another spelling', 'api.resources.limits.memory=1e9'],
  ['a terabyte', 'worker.resources.limits.ephemeral-storage=1Ti'],
  ['an account of the name that is given', 'scaler.serviceAccount.name=own'],
  ['half of the workers at a time', 'worker.podDisruptionBudget.maxUnavailable=50%'],
])('%s is taken', async (_, value) => {
  expect(await refusal({ set: [value] })).toBe('');
});

test('every value has a description', () => {
  expect(valuesTable(chartDir).filter(({ description }) => description === '')).toEqual([]);
});
