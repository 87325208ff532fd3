/** A reading for everybody who asks within a while: one serves them all. */
import type { Clock } from '@factorial/core/time/clock';

export interface CachedOptions<Value> {
  read: (name: string) => Promise<Value>;
  /** How old a reading may be. */
  freshMs: number;
  clock: Clock;
}

/** The same as `read`, at most `freshMs` old. Names have to be few: none is forgotten. */
export const createCached = <Value>({
  read,
  freshMs,
  clock,
}: CachedOptions<Value>): ((name: string) => Promise<Value>) => {
  const cached = new Map<string, { reading: Promise<Value>; atMs: number }>();
  return async (name) => {
    const known = cached.get(name);
    if (known !== undefined && clock.now() - known.atMs < freshMs) return known.reading;
    const reading = read(name);
    cached.set(name, { reading, atMs: clock.now() });
    // A failure is not worth remembering.
    reading.catch(() => {
      if (cached.get(name)?.reading === reading) cached.delete(name);
    });
    return reading;
  };
};
