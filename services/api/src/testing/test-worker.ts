/** What a worker says to the internal port, in the hands of a test. */
import { randomUUID } from 'node:crypto';
import { claimsResponseSchema, outcomesResponseSchema } from '@factorial/core/internal/protocol';
import { taskDefinitionSchema, type TaskDefinition } from '@factorial/core/tasks/task-definition';
import type { Ask } from './test-api.ts';

export const factorialTask: TaskDefinition = taskDefinitionSchema.parse({
  name: 'factorial',
  version: '1',
  pool: 'factorial',
  plainInput: 'n',
  output: { mediaType: 'text/plain' },
  input: {
    type: 'object',
    properties: { n: { type: 'integer', minimum: 0, maximum: 1_000_000 } },
    required: ['n'],
    additionalProperties: false,
  },
});

export interface Claimed {
  id: string;
  attempt: number;
  token: string;
}

export interface TestWorker {
  announce: (definition?: TaskDefinition) => Promise<void>;
  /** Claims one job and insists on getting it. */
  claim: (id: string) => Promise<Claimed>;
  claimOutcome: (id: string) => Promise<string>;
  done: (claimed: Claimed, output: unknown, mediaType?: string) => Promise<string>;
  failed: (claimed: Claimed, retry: 'never' | 'later' | 'backoff', delaySeconds?: number) => Promise<string>;
}

export const createTestWorker = (ask: Ask, name = 'w1', pool = factorialTask.pool): TestWorker => {
  const claimOne = async (id: string) => {
    const json = { worker: name, pool, deliveries: [{ id, nonce: randomUUID() }] };
    const answer = await ask('/internal/v1/claims', { json });
    const [claim] = claimsResponseSchema.parse(answer.body).claims;
    if (claim === undefined) throw new Error('no answer to a claim');
    return claim;
  };
  const report = async (outcome: object): Promise<string> => {
    const answer = await ask('/internal/v1/outcomes', { json: { outcomes: [outcome] } });
    return String(outcomesResponseSchema.parse(answer.body).answers[0]);
  };
  return {
    announce: async (definition = factorialTask) => {
      const answer = await ask(`/internal/v1/tasks/${definition.name}`, { method: 'PUT', json: definition });
      if (answer.status !== 204) throw new Error(answer.text);
    },
    claim: async (id) => {
      const claim = await claimOne(id);
      if (claim.outcome !== 'ok') throw new Error(`not claimed: ${claim.outcome}`);
      return { id: claim.id, attempt: claim.attempt, token: claim.token };
    },
    claimOutcome: async (id) => (await claimOne(id)).outcome,
    done: async (claimed, output, mediaType = 'text/plain') =>
      report({ ...claimed, result: 'done', output, mediaType }),
    failed: async (claimed, retry, delaySeconds) =>
      report({
        ...claimed,
        result: 'failed',
        error: { code: 'broken', message: 'it broke' },
        retry,
        delaySeconds,
      }),
  };
};
