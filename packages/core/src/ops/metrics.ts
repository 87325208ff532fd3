/** A process's metrics: a registry of its own, Node's own measurements under their usual names, and ours with one prefix. */
import {
  collectDefaultMetrics,
  Counter,
  type CounterConfiguration,
  Gauge,
  type GaugeConfiguration,
  Histogram,
  type HistogramConfiguration,
  Registry,
} from 'prom-client';

export const metricPrefix = 'factorial_';

type Ours<Configuration> = Omit<Configuration, 'registers'>;

export interface Metrics {
  /** Names are given without the prefix. A counter's name ends with `_total`, others with their unit. */
  counter<Label extends string = never>(configuration: Ours<CounterConfiguration<Label>>): Counter<Label>;
  gauge<Label extends string = never>(configuration: Ours<GaugeConfiguration<Label>>): Gauge<Label>;
  histogram<Label extends string = never>(
    configuration: Ours<HistogramConfiguration<Label>>,
  ): Histogram<Label>;
  /** In Prometheus's text format. */
  expose(): Promise<{ contentType: string; body: string }>;
}

/** @param service becomes the label `service` of every metric. */
export const createMetrics = (service: string): Metrics => {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  collectDefaultMetrics({ register: registry });
  const ours = <Configuration extends { name: string }>(configuration: Configuration) => ({
    ...configuration,
    name: `${metricPrefix}${configuration.name}`,
    registers: [registry],
  });
  return {
    counter: (configuration) => new Counter(ours(configuration)),
    gauge: (configuration) => new Gauge(ours(configuration)),
    histogram: (configuration) => new Histogram(ours(configuration)),
    expose: async () => ({ contentType: registry.contentType, body: await registry.metrics() }),
  };
};
