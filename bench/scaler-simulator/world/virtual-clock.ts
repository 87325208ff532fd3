/** A clock that stands still until it is moved, and runs what was due on the way, in order. */

export interface VirtualClock {
  /** Milliseconds since the world began. */
  now(): number;
  /** What is due at the same moment runs in the order in which it was asked for. */
  at(ms: number, act: () => void): void;
  advanceTo(ms: number): void;
}

interface Due {
  at: number;
  serial: number;
  act: () => void;
}

const isBefore = (one: Due, other: Due): boolean =>
  one.at === other.at ? one.serial < other.serial : one.at < other.at;

/** A binary heap: the root is due first. */
const push = (heap: Due[], due: Due): void => {
  let index = heap.length;
  while (index > 0) {
    const parentIndex = (index - 1) >> 1;
    const parent = heap[parentIndex];
    if (!parent || isBefore(parent, due)) break;
    heap[index] = parent;
    index = parentIndex;
  }
  heap[index] = due;
};

const earlierChild = (heap: readonly Due[], index: number): number => {
  const [left, right] = [heap[2 * index + 1], heap[2 * index + 2]];
  return left && right && isBefore(right, left) ? 2 * index + 2 : 2 * index + 1;
};

const pop = (heap: Due[]): void => {
  const last = heap.pop();
  if (!last || heap.length === 0) return;
  let index = 0;
  for (;;) {
    const childIndex = earlierChild(heap, index);
    const child = heap[childIndex];
    if (!child || isBefore(last, child)) break;
    heap[index] = child;
    index = childIndex;
  }
  heap[index] = last;
};

export const createVirtualClock = (): VirtualClock => {
  const heap: Due[] = [];
  let now = 0;
  let serial = 0;
  return {
    now: () => now,
    at: (ms, act) => push(heap, { at: Math.max(now, ms), serial: (serial += 1), act }),
    advanceTo: (ms) => {
      for (let due = heap[0]; due && due.at <= ms; [due] = heap) {
        pop(heap);
        now = due.at;
        due.act();
      }
      now = Math.max(now, ms);
    },
  };
};

export interface Rhythm {
  firstMs: number;
  everyMs: number;
}

export const repeat = (clock: VirtualClock, { firstMs, everyMs }: Rhythm, act: () => void): void => {
  const turn = (): void => {
    act();
    clock.at(clock.now() + everyMs, turn);
  };
  clock.at(firstMs, turn);
};
