/** The two ends of the queue as the services see them. A message says only that there is work; Redis says what it is. */

/** What is published for a job. */
export interface JobHint {
  jobId: string;
  pool: string;
  /** How often this job has been published, 1 at first; part of the message id. */
  publication: number;
  /** The job's input in its task's plain form; left out of the message where it is large. */
  input: unknown;
  /** W3C trace context. */
  traceparent?: string;
}

export type PublisherHealth =
  | { ok: true }
  | { ok: false; reason: 'disconnected' | 'blocked' | 'overloaded' | 'full' };

export interface JobPublisher {
  /**
   * Whether a publish has a chance now; asked before a job is accepted.
   * @param pool where named, its queue may be `full` too: the broker has refused a message for it, and taken none since.
   */
  health(pool?: string): PublisherHealth;
  /** Resolves when the broker has confirmed that the message is in the queue; rejects after a deadline, on a return or a lost channel. */
  publish(hint: JobHint): Promise<void>;
  /** Messages in the pool's queue that no consumer holds; rejects when the broker does not tell. */
  messagesReady(pool: string): Promise<number>;
}

/** One message, held unacknowledged. Each of the three answers is given at most once; after the channel died they do nothing. */
export interface Delivery {
  jobId: string;
  /** Unique to this delivery. */
  nonce: string;
  redelivered: boolean;
  ack(): void;
  /** Gives it back to the queue. */
  requeue(): void;
}

export interface JobConsumer {
  /** Whether a consumer is registered on an open channel. */
  consuming(): boolean;
  /** Whether the connection to the broker is up. */
  connected(): boolean;
  /** ms since the epoch since which it has been consuming without a break, or has not. */
  since(): number;
  /** Takes effect for the deliveries to come. */
  setPrefetch(count: number): Promise<void>;
  /** Takes no further delivery; those held stay held. */
  quiet(): Promise<void>;
  /** Takes deliveries again after `quiet`. Resolves after the first try; while the broker is away it begins when that is back. */
  resume(): Promise<void>;
}
