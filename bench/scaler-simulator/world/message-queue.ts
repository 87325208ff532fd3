/** RabbitMQ as far as it matters here: one queue, consumers with a prefetch in turn, redelivery at the head. */

export interface Job {
  arrivesAtMs: number;
  /** How long a run takes that nobody cuts short. */
  serviceMs: number;
}

export interface Consumer {
  /** Whether the prefetch allows another message. */
  hasRoom(): boolean;
  deliver(job: Job): void;
}

export interface MessageQueue {
  publish(job: Job): void;
  /** Back to where they came from: before all that wait. */
  requeue(jobs: readonly Job[]): void;
  acknowledge(): void;
  /** Somebody has room again. */
  dispatch(): void;
  join(consumer: Consumer): void;
  leave(consumer: Consumer): void;
  ready(): number;
  unacknowledged(): number;
  first(): Job | undefined;
}

export const createMessageQueue = (): MessageQueue => {
  const ready: Job[] = [];
  const consumers: Consumer[] = [];
  let unacknowledged = 0;

  /** Whoever gets one goes to the end of the line. */
  const nextConsumer = (): Consumer | undefined => {
    const index = consumers.findIndex((consumer) => consumer.hasRoom());
    const [chosen] = index === -1 ? [] : consumers.splice(index, 1);
    if (chosen) consumers.push(chosen);
    return chosen;
  };

  const dispatch = (): void => {
    while (ready.length > 0) {
      const consumer = nextConsumer();
      const job = consumer && ready.shift();
      if (!job) return;
      unacknowledged += 1;
      consumer.deliver(job);
    }
  };

  return {
    publish: (job) => {
      ready.push(job);
      dispatch();
    },
    requeue: (jobs) => {
      unacknowledged -= jobs.length;
      ready.unshift(...jobs);
      dispatch();
    },
    acknowledge: () => void (unacknowledged -= 1),
    dispatch,
    join: (consumer) => {
      consumers.push(consumer);
      dispatch();
    },
    leave: (consumer) => {
      const index = consumers.indexOf(consumer);
      if (index !== -1) consumers.splice(index, 1);
    },
    ready: () => ready.length,
    unacknowledged: () => unacknowledged,
    first: () => ready[0],
  };
};
