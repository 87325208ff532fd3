/** The steps that happen by themselves, as pairs of numbers: enough to ask who can still get where. */

export interface Edges {
  add: (from: number, to: number) => void;
  /** @returns the first of `count` worlds from which no goal can be reached, if there is one. */
  cannotReach: (goals: readonly number[], count: number) => number | undefined;
}

const firstCapacity = 1 << 16;

export const createEdges = (): Edges => {
  let pairs = new Int32Array(firstCapacity);
  let length = 0;

  const add = (from: number, to: number): void => {
    if (length === pairs.length) {
      const larger = new Int32Array(pairs.length * 2);
      larger.set(pairs);
      pairs = larger;
    }
    pairs[length++] = from;
    pairs[length++] = to;
  };

  /** Edges sorted by their end: `starts[to]` … `starts[to + 1]` are the places of those who lead there. */
  const byEnd = (count: number) => {
    const starts = new Int32Array(count + 1);
    for (let at = 1; at < length; at += 2) {
      const next = (pairs[at] ?? 0) + 1;
      starts[next] = (starts[next] ?? 0) + 1;
    }
    return starts;
  };

  const sourcesByEnd = (count: number) => {
    const starts = byEnd(count);
    for (let id = 0; id < count; id += 1) starts[id + 1] = (starts[id + 1] ?? 0) + (starts[id] ?? 0);
    const places = starts.slice();
    const sources = new Int32Array(length / 2);
    for (let at = 0; at < length; at += 2) {
      const end = pairs[at + 1] ?? 0;
      const place = places[end] ?? 0;
      sources[place] = pairs[at] ?? 0;
      places[end] = place + 1;
    }
    return { starts, sources };
  };

  const cannotReach = (goals: readonly number[], count: number): number | undefined => {
    const { starts, sources } = sourcesByEnd(count);
    const reaches = new Uint8Array(count);
    const open = [...goals];
    for (const goal of goals) reaches[goal] = 1;
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      for (const source of sources.subarray(starts[id], starts[id + 1])) {
        if (reaches[source] === 1) continue;
        reaches[source] = 1;
        open.push(source);
      }
    }
    const stuck = reaches.indexOf(0);
    return stuck < 0 ? undefined : stuck;
  };

  return { add, cannotReach };
};
