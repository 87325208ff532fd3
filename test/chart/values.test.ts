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
      { set: ['rabbitmq.consumerTimeoutSeconds=300'] },
      'has to be more than the longest runTimeoutSeconds (300)',
    ],
    [{ set: ['pools.factorial.runTimeoutSeconds=1800'] }, 'more than the longest runTimeoutSeconds (1800)'],
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
      'autoscaling.targetWaitSeconds is a setting of the scaler, and autoscaling.mode is keda',
    ],
    [
      { set: ['autoscaling.mode=hpa', 'autoscaling.dryRun=true'] },
      'autoscaling.dryRun is a setting of the scaler',
    ],
    [
      { set: ['autoscaling.mode=none', 'pools.factorial.autoscaling.idleTimeoutSeconds=5'] },
      'pools.factorial.autoscaling.idleTimeoutSeconds is a setting of the scaler',
    ],
    [{ set: ['autoscaling.mode=hpa', 'autoscaling.minWorkers=0'] }, 'has to be at least 1 in mode hpa'],
    [{ json: ['pools={"factorial":null}'] }, 'There is no pool'],
    [{ json: ['pools={"a-pool-with-quite-a-long-name-for-one":{}}'] }, 'more than 52 letters'],
    [{ set: ['podDefaults.serviceAccount.name=one'] }, 'have the same ServiceAccount'],
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

test('what counts as a changed setting of the scaler is measured by the values', () => {
  const template = readFileSync(join(chartDir, 'templates/_validate.tpl'), 'utf8');
  const [, json = ''] = /"factorial\.scalerDefaults" -}}\n(.*)\n/.exec(template) ?? [];
  const { autoscaling } = z
    .object({ autoscaling: z.record(z.string(), z.unknown()) })
    .parse(parse(readFileSync(join(chartDir, 'values.yaml'), 'utf8')));
  expect(autoscaling).toMatchObject(z.record(z.string(), z.unknown()).parse(JSON.parse(json)));
});

test('every value has a description', () => {
  expect(valuesTable(chartDir).filter(({ description }) => description === '')).toEqual([]);
});
