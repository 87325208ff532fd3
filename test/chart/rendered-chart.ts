/** The chart as Helm renders it: its objects, and the pods that they make. */
import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { ensureHelm } from '../../dev/helm/ensure-helm.ts';

export const chartDir = join(import.meta.dirname, '../../charts/factorial');

/** Examples of values: those for tests, and those for users. */
export const valuesFiles: readonly string[] = [
  ...readdirSync(join(chartDir, 'ci')).map((file) => join(chartDir, 'ci', file)),
  ...['kind', 'eks', 'production'].map((name) => join(chartDir, `values-${name}.yaml`)),
];

const objectSchema = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({
    name: z.string(),
    namespace: z.string().optional(),
    labels: z.record(z.string(), z.string()).default({}),
    annotations: z.record(z.string(), z.string()).default({}),
  }),
  spec: z.unknown().optional(),
});
export type KubernetesObject = z.output<typeof objectSchema>;

export interface Rendering {
  /** Files of values, later ones winning. */
  files?: readonly string[];
  /** As `--set` takes them. */
  set?: readonly string[];
  /** As `--set-json` takes them. */
  json?: readonly string[];
  helm?: string;
  /** Name of the release; it holds "factorial" unless told otherwise. */
  release?: string;
  namespace?: string;
}

/** Helm without a cluster takes some Kubernetes for granted that is older than the chart's. */
const kubernetes = ['--kube-version', '1.34.0'];

/** What an example leaves to its user to name, and does not render without. */
const leftToUser: Readonly<Record<string, string>> = {
  'values-eks.yaml': 'ingress.hosts[0].host=factorial.example.com',
};

const argumentsOf = ({
  files = [],
  set = [],
  json = [],
  release = 'factorial',
  namespace = 'jobs',
}: Rendering): string[] => [
  'template',
  release,
  chartDir,
  '--namespace',
  namespace,
  ...kubernetes,
  ...files.flatMap((file) => ['--values', file]),
  ...files.flatMap((file) => leftToUser[basename(file)] ?? []).flatMap((value) => ['--set', value]),
  ...set.flatMap((value) => ['--set', value]),
  ...json.flatMap((value) => ['--set-json', value]),
];

/** @throws with what Helm says. */
export const renderText = async (rendering: Rendering): Promise<string> => {
  const helm = rendering.helm ?? (await ensureHelm());
  const options = { maxBuffer: 16 * 1024 * 1024, timeout: 60_000 };
  const { stdout } = await promisify(execFile)(helm, argumentsOf(rendering), options);
  return stdout;
};

export const objectsIn = (text: string): KubernetesObject[] =>
  parseAllDocuments(text, { uniqueKeys: true })
    .map((document): unknown => document.toJS())
    .filter((value) => value !== null)
    .map((value) => objectSchema.parse(value));

export const render = async (rendering: Rendering = {}): Promise<KubernetesObject[]> =>
  objectsIn(await renderText(rendering));

/** What Helm says against these values; empty when it takes them. */
export const refusal = async (rendering: Rendering): Promise<string> => {
  try {
    await renderText(rendering);
    return '';
  } catch (error) {
    return z.object({ stderr: z.string() }).parse(error).stderr;
  }
};

export const ofKind = (objects: readonly KubernetesObject[], kind: string): KubernetesObject[] =>
  objects.filter((object) => object.kind === kind);

const environmentSchema = z
  .array(z.looseObject({ name: z.string(), value: z.string().optional() }))
  .default([]);
const quantities = z.record(z.string(), z.union([z.string(), z.number()])).default({});

const containerSchema = z.looseObject({
  name: z.string(),
  image: z.string(),
  env: environmentSchema,
  args: z.array(z.string()).default([]),
  command: z.array(z.string()).default([]),
  ports: z.array(z.looseObject({ name: z.string(), containerPort: z.number() })).default([]),
  resources: z.looseObject({ requests: quantities, limits: quantities }),
  securityContext: z.unknown().optional(),
  volumeMounts: z.array(z.looseObject({ name: z.string(), mountPath: z.string() })).default([]),
});

const templateSchema = z.looseObject({
  metadata: z.looseObject({
    labels: z.record(z.string(), z.string()),
    annotations: z.record(z.string(), z.string()).default({}),
  }),
  spec: z.looseObject({
    automountServiceAccountToken: z.boolean().optional(),
    enableServiceLinks: z.boolean().optional(),
    serviceAccountName: z.string(),
    securityContext: z.unknown().optional(),
    containers: z.array(containerSchema).min(1),
    volumes: z.array(z.looseObject({ name: z.string() })).default([]),
    terminationGracePeriodSeconds: z.number().optional(),
  }),
});
export type PodTemplate = z.output<typeof templateSchema>;
export type Container = z.output<typeof containerSchema>;

const withTemplate = z.looseObject({ template: z.unknown().optional() });
const withJobTemplate = z.looseObject({ jobTemplate: z.looseObject({ spec: withTemplate }) });

const templateOf = (object: KubernetesObject): unknown => {
  if (['Deployment', 'StatefulSet'].includes(object.kind)) return withTemplate.parse(object.spec).template;
  if (object.kind === 'CronJob') return withJobTemplate.parse(object.spec).jobTemplate.spec.template;
  return object.kind === 'Pod' ? { metadata: object.metadata, spec: object.spec } : undefined;
};

/** @returns the pods that the objects make, by the name of their maker. */
export const podsOf = (objects: readonly KubernetesObject[]): Record<string, PodTemplate> =>
  Object.fromEntries(
    objects.flatMap((object) => {
      const template = templateOf(object);
      return template === undefined ? [] : [[object.metadata.name, templateSchema.parse(template)]];
    }),
  );

/** @throws when there is none, or more than one. */
export const theOnly = <Item>(items: readonly Item[]): Item => {
  const [item, another] = items;
  if (item === undefined || another !== undefined)
    throw new Error(`${items.length} where one was looked for`);
  return item;
};
