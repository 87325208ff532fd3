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
  type Rendering,
  valuesFiles,
} from './rendered-chart.ts';

beforeAll(async () => {
  await ensureHelm();
}, 900_000);

const selectorSchema = z.object({ matchLabels: z.record(z.string(), z.string()) });
type Selector = z.output<typeof selectorSchema>;

const peerSchema = z.looseObject({ podSelector: selectorSchema.optional() });
const ruleSchema = z.looseObject({
  from: z.array(peerSchema).optional(),
  to: z.array(peerSchema).optional(),
  ports: z.array(z.looseObject({ port: z.number() })),
});
type Rule = z.output<typeof ruleSchema>;

const policySchema = z.looseObject({
  podSelector: selectorSchema,
  ingress: z.array(ruleSchema).default([]),
  egress: z.array(ruleSchema).default([]),
});
type Policy = z.output<typeof policySchema>;

const serviceSchema = z.looseObject({
  selector: z.record(z.string(), z.string()),
  ports: z.array(z.looseObject({ targetPort: z.string() })),
});
const budgetSchema = z.looseObject({ selector: selectorSchema });

const selects = ({ matchLabels }: Selector, { metadata }: PodTemplate): boolean =>
  Object.entries(matchLabels).every(([key, value]) => metadata.labels[key] === value);

const portsOf = (pod: PodTemplate): { name: string; containerPort: number }[] =>
  pod.spec.containers.flatMap(({ ports }) => ports);

const numbersOf = (pods: readonly PodTemplate[]): number[] =>
  pods.flatMap(portsOf).map(({ containerPort }) => containerPort);

/** Pods by their labels; those of other namespaces are not the chart's. */
const selectorsIn = (peers: Rule['from'] = []): Selector[] =>
  peers.flatMap(({ podSelector }) => (podSelector === undefined ? [] : [podSelector]));

/** Who is let in by this port: everybody where a rule names nobody. */
const isOpenTo = (policy: Policy, port: number, caller: PodTemplate): boolean =>
  policy.ingress
    .filter(({ ports }) => ports.some((one) => one.port === port))
    .some(
      ({ from }) => from === undefined || selectorsIn(from).some((selector) => selects(selector, caller)),
    );

describe.each(valuesFiles.map((file) => [basename(file), file] as const))('with %s', (_, file) => {
  let objects: KubernetesObject[] = [];
  let pods: PodTemplate[] = [];
  let policies: Policy[] = [];
  const found = (selector: Selector): PodTemplate[] => pods.filter((pod) => selects(selector, pod));
  beforeAll(async () => {
    objects = await render({ files: [file] });
    pods = Object.values(podsOf(objects));
    policies = ofKind(objects, 'NetworkPolicy').map(({ spec }) => policySchema.parse(spec));
  });

  test('every selector of a NetworkPolicy finds pods', () => {
    const selectors = policies.flatMap(({ podSelector, ingress, egress }) => [
      podSelector,
      ...ingress.flatMap(({ from }) => selectorsIn(from)),
      ...egress.flatMap(({ to }) => selectorsIn(to)),
    ]);
    expect(selectors.filter((selector) => found(selector).length === 0)).toEqual([]);
  });

  test('what a NetworkPolicy opens is a port of the pods that it is for', () => {
    const closed = policies.flatMap(({ podSelector, ingress }) => {
      const own = numbersOf(found(podSelector));
      return ingress.flatMap(({ ports }) => ports).filter(({ port }) => !own.includes(port));
    });
    expect(closed).toEqual([]);
  });

  test('a way that one pod may go out is a port of the other, and the other lets it in', () => {
    const ways = policies.flatMap(({ podSelector, egress }) =>
      egress.flatMap(({ to, ports }) =>
        selectorsIn(to).flatMap((peer) =>
          ports.map(({ port }) => ({ from: found(podSelector), to: found(peer), port })),
        ),
      ),
    );
    const shut = ways.filter(({ from, to, port }) => {
      const doors = policies.filter(({ podSelector }) => to.some((pod) => selects(podSelector, pod)));
      const isOpen = from.every((caller) => doors.some((policy) => isOpenTo(policy, port, caller)));
      return !isOpen || !numbersOf(to).includes(port);
    });
    expect(shut).toEqual([]);
  });

  test('Services find pods, by ports that these have', () => {
    const missed = ofKind(objects, 'Service').flatMap(({ spec }) => {
      const { selector, ports } = serviceSchema.parse(spec);
      const names = new Set(
        found({ matchLabels: selector })
          .flatMap(portsOf)
          .map(({ name }) => name),
      );
      return ports.filter(({ targetPort }) => !names.has(targetPort));
    });
    expect(missed).toEqual([]);
  });

  test('a PodDisruptionBudget is for the pods of one Deployment', () => {
    const selectors = ofKind(objects, 'PodDisruptionBudget').map(
      ({ spec }) => budgetSchema.parse(spec).selector,
    );
    expect(selectors.filter((selector) => found(selector).length !== 1)).toEqual([]);
  });
});

test('nobody is let in for the sake of a part that is not there', async () => {
  const set = ['tests.enabled=false', 'janitor.enabled=false', 'autoscaling.mode=none'];
  const policies = ofKind(await render({ set }), 'NetworkPolicy').map(({ spec }) => policySchema.parse(spec));
  expect(JSON.stringify(policies)).not.toMatch(/"(test|janitor|scaler)"/);
  const withoutPeers = policies.flatMap(({ ingress }) => ingress).filter(({ from }) => from === undefined);
  expect(withoutPeers).toEqual([{ ports: [{ port: 8080 }] }]);
});

const portsFor = async (from: string): Promise<number[]> => {
  const policies = ofKind(await render(), 'NetworkPolicy');
  const policy = policies.find(({ metadata }) => metadata.name === `factorial-${from}`);
  return policySchema.parse(policy?.spec).egress.flatMap(({ ports }) => ports.map(({ port }) => port));
};

test('a worker reaches names, RabbitMQ and the internal port of the api, and nothing else', async () => {
  expect(await portsFor('worker')).toEqual([53, 53, 5672, 8081]);
});

const internet = [
  {
    ipBlock: {
      cidr: '0.0.0.0/0',
      except: [
        '10.0.0.0/8',
        '100.64.0.0/10',
        '127.0.0.0/8',
        '169.254.0.0/16',
        '172.16.0.0/12',
        '192.168.0.0/16',
      ],
    },
  },
  { ipBlock: { cidr: '2000::/3' } },
];

test('webhooks go out to the internet, and to networks that are named', async () => {
  const { egress } = await policyOf('api', {});
  expect(egress).toContainEqual({ ports: [{ port: 443 }], to: internet });
  const json = ['api.webhooks.allowedCidrs=["10.2.0.0/16"]', 'api.webhooks.ports=[443,8443]'];
  expect((await policyOf('api', { json })).egress).toContainEqual({
    ports: [{ port: 443 }, { port: 8_443 }],
    to: [...internet, { ipBlock: { cidr: '10.2.0.0/16' } }],
  });
  const without = await policyOf('api', { set: ['api.webhooks.enabled=false'] });
  expect(JSON.stringify(without.egress)).not.toContain('ipBlock');
});

test.each(['rabbitmq', 'redis'])('%s reaches nothing', async (name) => {
  expect(await portsFor(name)).toEqual([]);
});

const policyOf = async (name: string, values: Rendering): Promise<Policy> => {
  const policies = ofKind(await render(values), 'NetworkPolicy');
  return policySchema.parse(policies.find(({ metadata }) => metadata.name === `factorial-${name}`)?.spec);
};

const peersOn = ({ ingress }: Policy, port: number): unknown[] =>
  ingress.filter(({ ports }) => ports.some((one) => one.port === port)).flatMap(({ from = [] }) => from);

test("KEDA's namespace may ask RabbitMQ for the queue's length, in mode keda alone", async () => {
  const keda = { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'keda' } } };
  const set = ['autoscaling.mode=keda'];
  expect(peersOn(await policyOf('rabbitmq', { set }), 15_672)).toContainEqual(keda);
  expect(peersOn(await policyOf('rabbitmq', {}), 15_672)).not.toContainEqual(keda);
});

test('nobody of KEDA is let in where no peer is named', async () => {
  const policy = await policyOf('rabbitmq', {
    set: ['autoscaling.mode=keda'],
    json: ['networkPolicy.kedaFrom=[]'],
  });
  expect(peersOn(policy, 15_672)).toEqual([
    { podSelector: { matchLabels: expect.objectContaining({ 'app.kubernetes.io/component': 'test' }) } },
  ]);
});

test('a load balancer outside the cluster is let in to the health of the api and to no other port', async () => {
  const file = valuesFiles.find((name) => name.endsWith('values-eks.yaml')) ?? '';
  const outside = { ipBlock: { cidr: '192.168.0.0/16' } };
  const objects = await render({ files: [file] });
  const holes = ofKind(objects, 'NetworkPolicy').flatMap(({ metadata, spec }) =>
    policySchema
      .parse(spec)
      .ingress.filter(({ from }) => JSON.stringify(from)?.includes(JSON.stringify(outside)))
      .map(({ ports }) => [metadata.name, ports]),
  );
  expect(holes).toEqual([['factorial-api', [{ port: 9_090 }]]]);
  const everybodys = ofKind(objects, 'NetworkPolicy').flatMap(({ spec }) =>
    policySchema.parse(spec).ingress.filter(({ from }) => from === undefined),
  );
  expect(everybodys).toEqual([{ ports: [{ port: 8_080 }] }]);
});

test('names are asked for where the values say, and nowhere else', async () => {
  const to = [{ ipBlock: { cidr: '169.254.20.10/32' } }];
  const json = [`networkPolicy.dns=${JSON.stringify({ to, ports: [5353] })}`];
  for (const name of ['api', 'worker', 'scaler', 'janitor', 'test']) {
    const { egress } = await policyOf(name, { json });
    expect(egress).toContainEqual({
      to,
      ports: [
        { port: 5_353, protocol: 'UDP' },
        { port: 5_353, protocol: 'TCP' },
      ],
    });
    expect(JSON.stringify(egress)).not.toContain('"port":53,');
  }
});

test('an api or a scaler that is not ready can be asked why', async () => {
  const services = ofKind(await render(), 'Service').filter(({ spec }) =>
    JSON.stringify(spec).includes('"publishNotReadyAddresses":true'),
  );
  const names = services.map(({ metadata }) => metadata.name);
  expect(names.toSorted()).toEqual(['factorial-api-internal', 'factorial-scaler']);
});
