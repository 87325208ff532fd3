/** What the scaler says of itself, read through the API server: its metrics and its Events. */
import { z } from 'zod';
import type { Kubectl } from './kubectl.ts';
import { podsOf } from './release.ts';

const eventSchema = z.looseObject({
  reason: z.string(),
  message: z.string(),
  involvedObject: z.looseObject({ kind: z.string(), name: z.string() }),
  lastTimestamp: z.string().nullish(),
});
export type ScalerEvent = z.output<typeof eventSchema>;

const opsOf = async (kubectl: Kubectl, path: string): Promise<string> => {
  const [pod] = await podsOf(kubectl, 'scaler');
  const name = pod?.metadata.name ?? 'missing';
  const raw = `/api/v1/namespaces/${kubectl.namespace}/pods/${name}:9090/proxy${path}`;
  return (await kubectl.run(['get', '--raw', raw])).stdout;
};

/** The sum of a metric's series. */
export const readScalerMetric = async (kubectl: Kubectl, name: string): Promise<number> => {
  const text = await opsOf(kubectl, '/metrics');
  const series = text.split('\n').filter((line) => line.startsWith(`${name}{`));
  return series.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
};

export const readEvents = async (kubectl: Kubectl, deployment: string): Promise<ScalerEvent[]> =>
  (await kubectl.list(eventSchema, 'events')).filter(
    ({ involvedObject }) => involvedObject.kind === 'Deployment' && involvedObject.name === deployment,
  );
