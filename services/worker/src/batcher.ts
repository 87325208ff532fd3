/** Makes one request of what arrives in one turn of the event loop, and of what arrives while enough requests are under way. */
import { toError } from '@factorial/core/errors/to-error';

export interface BatcherDeps<Item, Answer> {
  /** One answer per item, in their order. */
  send: (items: readonly Item[]) => Promise<readonly Answer[]>;
  maxItems?: number;
  /** Batches under way at a time: further items gather meanwhile. */
  maxInFlight?: number;
  /** A batch takes no further item once it has this size; an item that is larger travels alone. */
  maxBytes?: number;
  sizeOf?: (item: Item) => number;
}

export interface Batcher<Item, Answer> {
  /** @throws what `send` threw for the batch. */
  add: (item: Item) => Promise<Answer>;
}

interface Pending<Item, Answer> {
  item: Item;
  bytes: number;
  resolve: (answer: Answer) => void;
  reject: (error: Error) => void;
}

export const createBatcher = <Item, Answer>(deps: BatcherDeps<Item, Answer>): Batcher<Item, Answer> => {
  const { maxItems = 256, maxInFlight = 2, maxBytes = Infinity, sizeOf = () => 0 } = deps;
  const pending: Pending<Item, Answer>[] = [];
  let inFlight = 0;
  let isScheduled = false;

  const takeBatch = (): Pending<Item, Answer>[] => {
    let bytes = pending[0]?.bytes ?? 0;
    let count = 1;
    for (; count < Math.min(pending.length, maxItems); count++) {
      bytes += pending[count]?.bytes ?? 0;
      if (bytes > maxBytes) break;
    }
    return pending.splice(0, count);
  };

  const deliver = async (batch: readonly Pending<Item, Answer>[]): Promise<void> => {
    const answers = await deps.send(batch.map(({ item }) => item));
    if (answers.length !== batch.length)
      throw new Error(`${batch.length} items, but ${answers.length} answers`);
    answers.forEach((answer, index) => batch[index]?.resolve(answer));
  };

  const sendBatch = async (batch: readonly Pending<Item, Answer>[]): Promise<void> => {
    inFlight += 1;
    try {
      await deliver(batch);
    } catch (thrown) {
      for (const { reject } of batch) reject(toError(thrown));
    }
    inFlight -= 1;
    flush();
  };

  const flush = (): void => {
    isScheduled = false;
    for (let free = maxInFlight - inFlight; free > 0 && pending.length > 0; free--)
      void sendBatch(takeBatch());
  };

  return {
    add: async (item) =>
      new Promise((resolve, reject) => {
        pending.push({ item, bytes: sizeOf(item), resolve, reject });
        if (isScheduled) return;
        isScheduled = true;
        setImmediate(flush);
      }),
  };
};
