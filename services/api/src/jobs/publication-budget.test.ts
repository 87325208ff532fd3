import { createRecordedLogger } from '@factorial/core/testing/recorded-logger';
import type { PublisherHealth } from '@factorial/core/queue/job-queue';
import { describe, expect, it } from 'vitest';
import { type PublicationBudgetDeps, readPublicationBudget } from './publication-budget.ts';

/** Ten jobs wait; three messages are ready, two are held by workers. */
const createScene = (counts: () => Promise<number> = async () => Promise.resolve(3)) => {
  const scene: { health: PublisherHealth } = { health: { ok: true } };
  const deps: PublicationBudgetDeps = {
    dueJobs: {
      waiting: async () => Promise.resolve(10),
      pools: async () => Promise.resolve(['p']),
    },
    publisher: { health: () => scene.health, messagesReady: counts },
    workers: { list: async () => Promise.resolve([{ held: 1 }, { held: 1 }]) },
    logger: createRecordedLogger().logger,
  };
  const read = async () => readPublicationBudget(deps);
  return { scene, read };
};

const takenOf = (budget: { take: (pool: string) => boolean }): number => {
  let taken = 0;
  while (taken < 100 && budget.take('p')) taken += 1;
  return taken;
};

describe('the budget of publications', () => {
  it('is what waits less the messages that stand for it', async () => {
    const budget = await createScene().read();
    expect(takenOf(budget)).toBe(5);
    budget.giveBack('p');
    expect([takenOf(budget), budget.take('another')]).toEqual([1, false]);
  });

  it('is nothing when the broker does not tell its count', async () => {
    const budget = await createScene(async () => Promise.reject(new Error('no answer'))).read();
    expect(takenOf(budget)).toBe(0);
  });

  it('is nothing while the queue refuses messages, and from the first refusal on', async () => {
    const { scene, read } = createScene();
    const before = await read();
    expect(before.take('p')).toBe(true);
    scene.health = { ok: false, reason: 'full' };
    expect(takenOf(before)).toBe(0);
    const during = await read();
    scene.health = { ok: true };
    expect(takenOf(during)).toBe(0);
  });
});
