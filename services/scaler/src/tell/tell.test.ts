import { createMetrics, type Metrics } from '@factorial/core/ops/metrics';
import { PassThrough } from 'node:stream';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { createControlLoop } from '../control-loop.ts';
import { createSmallWorld } from '../testing/small-world.ts';
import { createChangeLog } from './change-log.ts';
import { createScalerMetrics } from './scaler-metrics.ts';
import { createStatusBoard } from './status.ts';

const createLog = () => {
  const lines: { msg: string; [field: string]: unknown }[] = [];
  const out = new PassThrough();
  out.on('data', (chunk) =>
    lines.push(
      ...String(chunk)
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ),
  );
  return { lines, log: createChangeLog(pino({ level: 'info' }, out)) };
};

/** Without the label that the process adds, in a fixed order. */
const exposed = async (metrics: Metrics) =>
  (await metrics.expose()).body.replace(/service="scaler",|,service="scaler"/g, '');

const make = (workers = 1) => {
  const { lines, log } = createLog();
  const registry = createMetrics('scaler');
  const leads = () => true;
  const metrics = createScalerMetrics(registry, { dryRun: false, leads }).forPool('factorial');
  const world = createSmallWorld(workers);
  const status = createStatusBoard({ pool: 'factorial', dryRun: false, settings: world.deps.settings });
  const loop = createControlLoop({
    ...world.deps,
    tell: (report) => {
      log(report);
      metrics.tell(report);
      status.tell(report);
    },
  });
  return { lines, registry, metrics, world, status, loop };
};

describe('the log', () => {
  it('is silent while nothing changes', async () => {
    const { loop, lines } = make();
    await loop.runOnce();
    const before = lines.length;
    await loop.runOnce();
    await loop.runOnce();
    expect(lines.length).toBe(before);
  });

  it('tells a step with its reason', async () => {
    const { loop, lines, world } = make();
    world.set.ready = 20;
    await loop.runOnce();
    expect(lines.find(({ msg }) => msg === 'scaled')).toMatchObject({ from: 1, to: 5, reason: 'backlog' });
  });

  it('tells that a source is lost and back, once each', async () => {
    const { loop, lines, world } = make();
    await loop.runOnce();
    world.set.broken.add('queue');
    await loop.runOnce();
    await loop.runOnce();
    world.set.broken.clear();
    await loop.runOnce();
    const told = lines.filter(({ msg }) => msg.startsWith('source'));
    expect(told).toMatchObject([
      { source: 'queue', reason: 'answered 500', msg: 'source is lost', level: 40 },
      { source: 'queue', msg: 'source is back', level: 30 },
    ]);
    expect(lines.filter(({ reason }) => reason === 'queue-unknown')).toHaveLength(1);
  });

  it('warns when somebody went who was not chosen', async () => {
    const { loop, lines, world } = make(2);
    world.set.removesInstead = ['w1'];
    for (let tick = 0; tick < 20; tick += 1) {
      await loop.runOnce();
      world.set.now += 2_000;
    }
    expect(lines.filter(({ msg }) => msg === 'wrong victims')).toMatchObject([
      { wrongVictims: ['w1'], level: 40 },
    ]);
  });
});

describe('the metrics', () => {
  it('show the readings, the decision and the steps', async () => {
    const { loop, registry, world } = make();
    world.set.ready = 20;
    await loop.runOnce();
    const text = await exposed(registry);
    expect(text).toContain('factorial_scaler_replicas_current{pool="factorial"} 1');
    expect(text).toContain('factorial_scaler_replicas_desired{pool="factorial"} 5');
    expect(text).toContain('factorial_scaler_ready_jobs{pool="factorial"} 20');
    expect(text).toContain('factorial_scaler_source_up{pool="factorial",source="pool"} 1');
    expect(text).toContain(
      'factorial_scaler_scale_total{pool="factorial",direction="up",reason="backlog"} 1',
    );
    expect(text).toContain('factorial_scaler_restricted_total{pool="factorial",reason="up-rate"} 1');
    expect(text).toContain('factorial_scaler_tick_seconds_count{pool="factorial"} 1');
  });

  it('show no number that is unknown', async () => {
    const { loop, registry, world } = make();
    await loop.runOnce();
    world.set.broken.add('queue');
    world.set.now += 4_000;
    await loop.runOnce();
    const text = await exposed(registry);
    expect(text).not.toMatch(/^factorial_scaler_(ready_jobs|replicas_\w+|oldest_wait_seconds)\{/m);
    expect(text).toContain('factorial_scaler_source_up{pool="factorial",source="queue"} 0');
    expect(text).toContain('factorial_scaler_source_age_seconds{pool="factorial",source="queue"} 4');
    expect(text).toContain('factorial_scaler_hold_total{pool="factorial",reason="queue-unknown"} 1');
  });

  it('count refused steps, worker ends and faults', async () => {
    const { loop, registry, world, metrics } = make();
    world.set.ready = 20;
    world.set.broken.add('scale');
    await loop.runOnce();
    metrics.workerExited();
    metrics.tickFailed();
    const text = await exposed(registry);
    for (const name of ['refused', 'worker_exits', 'tick_failures']) {
      expect(text).toContain(`factorial_scaler_${name}_total{pool="factorial"} 1`);
    }
  });
});

describe('one that leads no more', () => {
  it('shows no number of its last term', async () => {
    const { loop, registry, metrics, status } = make();
    await loop.runOnce();
    metrics.forget();
    status.forget();
    const text = await exposed(registry);
    expect(text).not.toMatch(/^factorial_scaler_(ready_jobs|replicas_\w+|workers|source_\w+)\{/m);
    expect(text).toContain('factorial_scaler_leader 1');
    expect(status.read()).toMatchObject({ decision: undefined });
  });
});

describe('the status', () => {
  it('is there before the first tick, with the settings', () => {
    expect(make().status.read()).toMatchObject({ pool: 'factorial', settings: { minWorkers: 1 } });
  });

  it('has every reading, the decision and its reason', async () => {
    const { loop, status } = make();
    await loop.runOnce();
    expect(JSON.parse(JSON.stringify(status.read()))).toMatchObject({
      at: '2030-01-01T00:00:00.000Z',
      readings: { queue: { ok: true }, pool: { ok: true }, target: { ok: true } },
      decision: { kind: 'scale', replicas: 1, reason: 'steady' },
      plan: { current: 1, inflight: 0 },
      act: { did: 'nothing' },
    });
  });
});
