/** Lines and areas of a plot, as SVG path data. Pure geometry. */

export interface Point {
  /** ms since the epoch. */
  atMs: number;
  /** Undefined: not known. */
  value: number | undefined;
}

export interface Frame {
  fromMs: number;
  toMs: number;
  /** The highest value that fits. */
  top: number;
  /** In px. */
  width: number;
  height: number;
  /** Points further apart than this are not joined: nobody knows what lay between. */
  gapMs: number;
}

interface Known {
  atMs: number;
  value: number;
}

const rounded = (value: number): number => Math.round(value * 10) / 10;

export const xOf = ({ fromMs, toMs, width }: Frame, atMs: number): number =>
  rounded(((atMs - fromMs) / Math.max(1, toMs - fromMs)) * width);

export const yOf = ({ top, height }: Frame, value: number): number =>
  rounded(height - (Math.min(value, top) / Math.max(top, 1e-9)) * height);

/** Parts without a gap. */
const stretches = (points: readonly Point[], gapMs: number): Known[][] => {
  const parts: Known[][] = [];
  let last: number | undefined;
  for (const { atMs, value } of points) {
    if (value === undefined) {
      last = undefined;
      continue;
    }
    if (last === undefined || atMs - last > gapMs) parts.push([]);
    parts.at(-1)?.push({ atMs, value });
    last = atMs;
  }
  return parts;
};

/** Counts hold until the next reading: a line of steps, not of slopes. */
const stepsOf = (frame: Frame, part: readonly Known[]): string =>
  part
    .map(({ atMs, value }, index) => {
      const x = xOf(frame, atMs);
      const y = yOf(frame, value);
      return index === 0 ? `M${x} ${y}` : `H${x}V${y}`;
    })
    .join('');

export const linePath = (frame: Frame, points: readonly Point[]): string =>
  stretches(points, frame.gapMs)
    .map((part) => stepsOf(frame, part))
    .join('');

/** The area under the line, down to the axis. */
export const areaPath = (frame: Frame, points: readonly Point[]): string =>
  stretches(points, frame.gapMs)
    .map((part) => {
      const first = part[0];
      const last = part.at(-1);
      if (!first || !last) return '';
      return `${stepsOf(frame, part)}V${frame.height}H${xOf(frame, first.atMs)}Z`;
    })
    .join('');

const niceSteps = [1, 2, 5, 10] as const;

/** Round numbers from 0 up, some four of them, the last not below the highest value; whole ones, as counts are. */
export const ticksUpTo = (highest: number): number[] => {
  const rough = Math.max(highest, 1) / 4;
  const magnitude = 10 ** Math.floor(Math.log10(rough));
  const nice = niceSteps.find((step) => step * magnitude >= rough) ?? 10;
  const step = Math.max(1, nice * magnitude);
  const count = Math.ceil(Math.max(highest, 1) / step);
  return Array.from({ length: count + 1 }, (_, index) => index * step);
};

const timeSteps = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1_440].map((minutes) => minutes * 60_000);

/** Round times within the window, as many as there is room for. */
export const timeTicks = ({ fromMs, toMs, width }: Frame, offsetMs: number): number[] => {
  const most = Math.max(2, Math.floor(width / 90));
  const step = timeSteps.find((one) => (toMs - fromMs) / one <= most) ?? 86_400_000;
  const first = Math.ceil((fromMs + offsetMs) / step) * step - offsetMs;
  const count = Math.max(0, Math.floor((toMs - first) / step) + 1);
  return Array.from({ length: count }, (_, index) => first + index * step);
};

/** The point in force at that time. */
export const pointAt = <At extends { atMs: number }>(points: readonly At[], atMs: number): At | undefined =>
  points.findLast((point) => point.atMs <= atMs) ?? points[0];
