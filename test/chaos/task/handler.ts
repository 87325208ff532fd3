/** A task that behaves as its input says, well or badly. What it returns follows from its input alone, so that each result can be checked. */
import { setTimeout as delay } from 'node:timers/promises';
import { digestOf, factorialOf, paddedTo } from './results.ts';

export type Behaviour = keyof typeof behaviours;

export interface ChaosInput {
  do: Behaviour;
  text: string;
  /** What it means depends on the behaviour: n, ms, bytes, attempts that fail. */
  amount: number;
}

interface Context {
  signal: AbortSignal;
  attempt: number;
  progress: (value: number, message?: string) => void;
}

const blockFor = (ms: number): void => {
  const end = performance.now() + ms;
  while (performance.now() < end);
};

/** Until the worker's watch ends the process. */
const fillMemory = async (): Promise<never> => {
  const blocks: Buffer[] = [];
  for (;;) {
    blocks.push(Buffer.alloc(16 * 1_048_576, 1));
    await delay(5);
  }
};

const nap = async ({ amount }: ChaosInput, { signal, progress }: Context): Promise<void> => {
  const parts = 4;
  for (let part = 0; part < parts; part += 1) {
    await delay(amount / parts, undefined, { signal });
    progress((part + 1) / parts, 'napping');
  }
};

const refusal = (): Error => Object.assign(new Error('never'), { retry: 'never', code: 'chaos-refused' });
const putOff = (): Error => Object.assign(new Error('later'), { retry: 'later', delaySeconds: 1 });

/** What a job owes that has nothing else to tell. */
const done = ({ text }: ChaosInput): string => digestOf(text, 1);

const behaviours = {
  factorial: ({ amount }: ChaosInput) => factorialOf(amount),
  digest: ({ text, amount }: ChaosInput) => digestOf(text, amount),
  large: ({ text, amount }: ChaosInput) => paddedTo(text, amount),
  nap: async (input: ChaosInput, context: Context) => {
    await nap(input, context);
    return done(input);
  },
  burn: (input: ChaosInput) => {
    blockFor(input.amount);
    return done(input);
  },
  flaky: (input: ChaosInput, { attempt }: Context) => {
    if (attempt <= input.amount) throw putOff();
    return done(input);
  },
  refuse: () => {
    throw refusal();
  },
  crash: (input: ChaosInput, { attempt }: Context) => {
    if (attempt <= input.amount) process.kill(process.pid, 'SIGKILL');
    return done(input);
  },
  hog: fillMemory,
};

export const run = async (input: ChaosInput, context: Context): Promise<string> =>
  behaviours[input.do](input, context);
