/** What a job's webhook is told of, and what is kept of telling it. */
import { z } from 'zod';

export const webhookEvents = ['started', 'done', 'failed', 'cancelled'] as const;
export type WebhookEvent = (typeof webhookEvents)[number];

/** Where a job's owner wants to be told, and of what. */
export const webhookSchema = z.object({ url: z.string(), events: z.array(z.enum(webhookEvents)) });
export type Webhook = z.output<typeof webhookSchema>;

/** One try to deliver. Times in ms. */
const deliveryAttemptSchema = z.object({
  at: z.number(),
  /** What the target answered, where it did. */
  status: z.number().optional(),
  error: z.string().optional(),
  durationMs: z.number(),
});
export type DeliveryAttempt = z.output<typeof deliveryAttemptSchema>;

export const deliveryStatuses = ['pending', 'delivered', 'failed'] as const;

/** As a script wrote it. */
export const storedDeliverySchema = z.object({
  event: z.enum(webhookEvents),
  /** When it happened, in ms by Redis's clock. */
  at: z.number(),
  status: z.enum(deliveryStatuses),
  /** Attempts since it was made or replayed. */
  tries: z.number(),
  attempts: z.array(deliveryAttemptSchema).default([]),
});

/** Something that happened to a job and is to be told to its webhook. */
export interface WebhookDelivery extends z.output<typeof storedDeliverySchema> {
  id: string;
  job: string;
  /** ms; while it is being sent the end of the sender's lease. */
  nextAttemptAt?: number;
}

/** A delivery on its way. */
export interface TakenDelivery extends WebhookDelivery {
  owner: string;
  url: string;
}

/** What follows from an attempt. */
export type DeliveryOutcome = { kind: 'delivered' } | { kind: 'failed' } | { kind: 'again'; delayMs: number };

export interface WebhookDeliveries {
  /** Those that are due, earliest first: each is the caller's until `leaseMs` have passed. */
  take(limit: number, leaseMs: number): Promise<TakenDelivery[]>;
  record(id: string, attempt: DeliveryAttempt, outcome: DeliveryOutcome): Promise<void>;
  /** These were taken and not tried. */
  putOff(deliveries: readonly { id: string; delayMs: number }[]): Promise<void>;
  /** @returns false where it is gone. */
  replay(id: string): Promise<boolean>;
  /** A job's, oldest first. */
  list(job: string): Promise<WebhookDelivery[]>;
  /** How many are due and not taken. */
  due(): Promise<number>;
}
