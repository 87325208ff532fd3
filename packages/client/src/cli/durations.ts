/** Times as people read them. */

/** `0.4 s`, `12 s`, `3 min`, `2 h`, `5 d`. */
export const inWords = (seconds: number): string => {
  if (seconds < 10) return `${Math.round(seconds * 10) / 10} s`;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3_600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
};

export const since = (time: string, nowMs: number): string =>
  inWords(Math.max(0, nowMs - Date.parse(time)) / 1_000);
