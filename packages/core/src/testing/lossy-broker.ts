/** A broker in memory that loses, doubles and reorders what it is given. */

export interface LossyMessage {
  id: string;
  redelivered: boolean;
}

export interface LossyBroker {
  /** @returns whether the broker confirmed: what it confirmed it may still lose, and the other way round. */
  publish: (id: string) => boolean;
  /** Any of the messages, not the oldest. */
  take: () => LossyMessage | undefined;
  giveBack: (message: LossyMessage) => void;
  ready: () => number;
  loseAll: () => void;
}

/** @param share of messages that are lost, and of those that come twice. */
export const createLossyBroker = (random: () => number, share: number): LossyBroker => {
  const messages: LossyMessage[] = [];
  const happens = (): boolean => random() < share;
  return {
    publish: (id) => {
      if (!happens()) messages.push({ id, redelivered: false });
      if (happens()) messages.push({ id, redelivered: false });
      return !happens();
    },
    take: () => messages.splice(Math.floor(random() * messages.length), 1)[0],
    giveBack: ({ id }) => void messages.push({ id, redelivered: true }),
    ready: () => messages.length,
    loseAll: () => void messages.splice(0),
  };
};
