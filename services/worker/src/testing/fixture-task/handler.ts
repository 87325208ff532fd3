/** A task that behaves as its input says, well or badly: for tests of the runner. */
import { writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

export interface FixtureInput {
  do: keyof typeof behaviours;
  text?: string;
  file?: string;
  ms?: number;
}

interface Context {
  model: { setups: number };
  signal: AbortSignal;
  attempt: number;
  progress: (value: number, message?: string) => void;
  log: (message: unknown) => void;
  output: (chunk: string) => void;
}

let setups = 0;

export const setup = async (): Promise<{ setups: number }> => {
  setups += 1;
  return Promise.resolve({ setups });
};

const spin = (ms: number): void => {
  const end = performance.now() + ms;
  while (performance.now() < end);
};

const grow = async (): Promise<never> => {
  const blocks: Buffer[] = [];
  for (;;) {
    blocks.push(Buffer.alloc(16 * 1_048_576, 1));
    await delay(10);
  }
};

const behaviours = {
  echo: async (input: FixtureInput, context: Context) => ({
    text: input.text,
    pid: process.pid,
    attempt: context.attempt,
    model: context.model,
  }),
  progress: async (_: FixtureInput, { progress }: Context) => {
    progress(0.5, 'half');
    return 'done';
  },
  print: async (input: FixtureInput, { log }: Context) => {
    globalThis.console.log(input.text);
    log(input.text);
    return 'printed';
  },
  stream: async (_: FixtureInput, { output }: Context) => {
    output('one ');
    output('two');
    return undefined;
  },
  large: async (input: FixtureInput) => 'x'.repeat(input.ms ?? 0),
  spin: async (input: FixtureInput) => {
    if (input.file) writeFileSync(input.file, String(process.pid));
    spin(input.ms ?? 60_000);
    return process.pid;
  },
  hang: async (input: FixtureInput, { signal }: Context) => {
    if (input.file) writeFileSync(input.file, String(process.pid));
    await delay(60_000, undefined, { signal });
  },
  grow,
  crash: async () => process.kill(process.pid, 'SIGSEGV'),
  exit: async () => process.exit(3),
  throw: async () => {
    throw new Error('no luck');
  },
  refuse: async () => {
    throw Object.assign(new Error('never'), { retry: 'never', code: 'bad-picture' });
  },
  later: async () => {
    throw Object.assign(new Error('busy'), { retry: 'later', delaySeconds: 7 });
  },
};

export const run = async (input: FixtureInput, context: Context): Promise<unknown> =>
  behaviours[input.do](input, context);
