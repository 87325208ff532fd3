/** Resident memory of a system that waits for work. */
import { setTimeout as delay } from 'node:timers/promises';
import { startSystem } from '../dev/system/start-system.ts';
import { residentMiBOf } from './process-usage.ts';

export interface MemoryFigure {
  name: string;
  mib: number;
}

/** Long enough for what the start left behind to be collected. */
const restMs = 10_000;

export const measureIdleMemory = async (): Promise<MemoryFigure[]> => {
  const system = await startSystem({ workers: 0, scaler: true });
  try {
    await delay(restMs);
    const [api = 0] = await residentMiBOf(system.api.pid());
    // The scaler has started the worker, and that its runner.
    const [scaler = 0, worker = 0, ...runners] = await residentMiBOf(system.scaler.pid());
    const [redis = 0] = await residentMiBOf(system.redis.pid());
    const rabbitmq = await residentMiBOf(system.rabbitmq.pid());
    const sum = (parts: readonly number[]) => parts.reduce((all, part) => all + part, 0);
    return [
      { name: 'api', mib: api },
      { name: 'worker', mib: worker },
      { name: "worker's runner", mib: sum(runners) },
      { name: 'scaler', mib: scaler },
      { name: 'RabbitMQ', mib: sum(rabbitmq) },
      { name: 'Redis', mib: redis },
    ];
  } finally {
    await system.stop();
  }
};
