/** The workers' side of the jobs in Redis: claim, beat, and the four ways an attempt ends. */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { AppError } from '../errors/app-error.ts';
import type { OutcomeAnswer } from '../internal/protocol.ts';
import { finalStatuses } from './job-status.ts';
import type { Attempt, ClaimResult, JobLeases, StoredOutput } from './job-store.ts';
import type { ScriptArgument, ScriptReply } from './job-scripts.ts';
import type { RedisJobStoreDeps } from './redis-job-intake.ts';

/** FAIL's delay where there is no other try. */
const noDelay = 0;

const toClaimResult = (reply: ScriptReply): ClaimResult => {
  switch (reply[0]) {
    case 'OK': {
      const [, id, attempt, token, input, runTimeoutMs, task, traceparent] = reply;
      return {
        kind: 'ok',
        id: String(id),
        attempt: Number(attempt),
        token: String(token),
        task: String(task),
        input: JSON.parse(String(input)) as unknown,
        runTimeoutMs: Number(runTimeoutMs),
        ...(traceparent === undefined || traceparent === '' ? {} : { traceparent: String(traceparent) }),
      };
    }
    case 'BUSY':
      return { kind: 'busy', retryAfterMs: Number(reply[1]) };
    case 'TERMINAL':
      return { kind: 'terminal', status: z.enum(finalStatuses).parse(reply[1]) };
    case 'GONE':
      return { kind: 'gone' };
    case 'PAUSED':
      return { kind: 'paused' };
    default:
      throw new Error(`unexpected answer to a claim: ${reply[0]}`);
  }
};

export const toAnswer = (reply: ScriptReply): OutcomeAnswer => {
  switch (reply[0]) {
    case 'OK':
      return 'ok';
    case 'SAME':
      return 'same';
    case 'STALE':
      return 'stale';
    case 'GONE':
      return 'gone';
    default:
      throw new Error(`unexpected answer to an outcome: ${reply[0]}`);
  }
};

/** hash, bytes, media type, encoding: how COMPLETE and SETTLE describe an output. */
export const describeOutput = (output: StoredOutput): ScriptArgument[] => [
  output.hash,
  output.bytes,
  output.mediaType,
  output.encoding,
];

export const heldBy = ({ id, attempt, token }: Attempt): ScriptArgument[] => [id, attempt, token];

export const createRedisJobLeases = ({
  run,
  settings,
}: Pick<RedisJobStoreDeps, 'run' | 'settings'>): JobLeases => {
  return {
    claim: async ({ id, pool, worker, nonce, redelivered }) =>
      toClaimResult(
        await run('claim', [
          id,
          worker,
          nonce,
          randomUUID(),
          settings.leaseMs,
          redelivered ? '1' : '0',
          settings.suspectMs,
          settings.runGraceMs,
          pool,
        ]),
      ),
    beat: async (attempt) => {
      const [word] = await run('beat', [...heldBy(attempt), settings.leaseMs]);
      if (word === 'OK') return 'ok';
      return word === 'CANCEL' ? 'cancel' : 'lost';
    },
    progress: async (attempt, { value, message, before, log, output }) => {
      await run('progress', [...heldBy(attempt), value, message, before, log, output, settings.maxSaidBytes]);
    },
    complete: async (attempt, output) => {
      const committed = output === 'staged' ? [] : [...describeOutput(output), output.payload];
      const reply = await run('complete', [...heldBy(attempt), ...committed]);
      if (reply[0] === 'MISSING')
        throw new AppError('invalid-request', 'No output was uploaded for this attempt.');
      return toAnswer(reply);
    },
    fail: async (attempt, error, retryAfterMs) =>
      toAnswer(
        await run('fail', [
          ...heldBy(attempt),
          error.code,
          error.message,
          retryAfterMs === undefined ? '0' : '1',
          retryAfterMs ?? noDelay,
        ]),
      ),
    release: async (attempt) => toAnswer(await run('release', [...heldBy(attempt), settings.firstLookMs])),
    settle: async (id, result) =>
      toAnswer(
        await run(
          'settle',
          result.status === 'done'
            ? [id, 'done', ...describeOutput(result.output), result.output.payload, '']
            : [id, 'failed', result.message, 0, '', '', '', result.message],
        ),
      ),
  };
};
