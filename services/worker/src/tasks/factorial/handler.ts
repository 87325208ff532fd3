/** The built-in task: n! as decimal digits. */
import { createPace } from './pace.ts';
import { factorial } from './prime-swing.ts';
import { toDecimal } from './to-decimal.ts';

export interface FactorialContext {
  signal: AbortSignal;
  progress: (value: number, message?: string) => void;
}

/** About how the work is divided between the multiplication and the conversion to decimal digits. */
const multiplying = 0.25;

/** @throws the signal's reason when the run is cancelled. */
export const run = async (input: { n: number }, context: FactorialContext): Promise<string> => {
  const { signal } = context;
  const nowMs = (): number => performance.now();
  const told = (from: number, share: number, message: string) =>
    createPace({ signal, nowMs, progress: (value) => context.progress(from + share * value, message) });
  const value = await factorial(input.n, told(0, multiplying, 'multiplying'));
  return toDecimal(value, told(multiplying, 1 - multiplying, 'writing the digits'));
};
