/** One attempt at one delivery: the job as it stands, signed and sent, and what came of it recorded. */
import type { JobIntake } from '@factorial/core/jobs/job-store';
import type { DeliveryAttempt, TakenDelivery, WebhookDeliveries } from '@factorial/core/jobs/webhook';
import type { Logger } from '@factorial/core/ops/logger';
import type { Clock } from '@factorial/core/time/clock';
import type { JobView, JobViewer } from '../../jobs/job-view.ts';
import { type AttemptResult, type Plan, planAfter } from './plan-after.ts';
import type { PostResult, PostWebhook } from './post-webhook.ts';
import { signatureHeaders } from './signature.ts';
import { hostOf } from './target.ts';

export interface DeliverWebhookDeps {
  intake: Pick<JobIntake, 'find'>;
  deliveries: WebhookDeliveries;
  viewer: Pick<JobViewer, 'told'>;
  /** Keys of the installation; a message is signed with each. */
  keys: readonly string[];
  post: PostWebhook;
  clock: Clock;
  /** In [0, 1). */
  random: () => number;
  logger: Logger;
  onAttempt: (result: AttemptResult) => void;
}

/** @returns false when it was broken off by the signal, and nothing is known of it. */
export type DeliverWebhook = (delivery: TakenDelivery, signal: AbortSignal) => Promise<boolean>;

/** The same at each attempt but for `data`, which is the job as it stands. */
const bodyOf = ({ event, at }: TakenDelivery, data: JobView): string =>
  JSON.stringify({ type: `job.${event}`, timestamp: new Date(at).toISOString(), data });

const headersOf = (
  { keys, clock }: DeliverWebhookDeps,
  { id, owner }: TakenDelivery,
  body: string,
): Record<string, string> => ({
  'content-type': 'application/json',
  'user-agent': 'factorial-webhooks/1',
  ...signatureHeaders(keys, { id, owner, body, timestamp: Math.floor(clock.now() / 1_000) }),
});

const attemptOf = (
  posted: PostResult,
  { error }: Plan,
  times: Pick<DeliveryAttempt, 'at' | 'durationMs'>,
) => ({
  ...times,
  ...(posted.kind === 'answered' ? { status: posted.status } : {}),
  ...(error === undefined ? {} : { error }),
});

/** The host alone: paths and queries may hold what only the target should know. */
const tell = (deps: DeliverWebhookDeps, delivery: TakenDelivery, plan: Plan): void => {
  deps.onAttempt(plan.result);
  if (plan.result === 'delivered') return;
  const { id, job, tries } = delivery;
  const about = { jobId: job, deliveryId: id, attempt: tries + 1, host: hostOf(delivery.url) };
  deps.logger.info({ ...about, result: plan.result, error: plan.error }, 'webhook not delivered');
};

/** @throws AppError 503 when Redis cannot answer: the delivery is made again when its lease is over. */
export const createDeliverWebhook =
  (deps: DeliverWebhookDeps): DeliverWebhook =>
  async (delivery, signal) => {
    const { clock } = deps;
    const found = await deps.intake.find(delivery.job);
    // Gone with its job: who takes it next finds nothing.
    if (found.kind !== 'job') return true;
    const body = bodyOf(delivery, await deps.viewer.told(found.job));
    const at = clock.now();
    const posted = await deps.post({
      url: delivery.url,
      headers: headersOf(deps, delivery, body),
      body,
      signal,
    });
    if (signal.aborted && posted.kind === 'unanswered') return false;
    const plan = planAfter(posted, { tries: delivery.tries, random: deps.random(), nowMs: clock.now() });
    await deps.deliveries.record(
      delivery.id,
      attemptOf(posted, plan, { at, durationMs: clock.now() - at }),
      plan.outcome,
    );
    tell(deps, delivery, plan);
    return true;
  };
