/** Numbers, times, sizes and sentences in the words of people. */

const minuteSeconds = 60;
const hourSeconds = 3_600;
const daySeconds = 86_400;

const whole = new Intl.NumberFormat('en');

export const count = (value: number): string => whole.format(value);

const compact = new Intl.NumberFormat('en', { notation: 'compact' });

/** For where there is little room: 12,000 is 12K. */
export const shortCount = (value: number): string => (value < 10_000 ? count(value) : compact.format(value));

/** @param noun in the singular; its plural takes an s. */
export const counted = (value: number, noun: string): string =>
  `${count(value)} ${noun}${value === 1 ? '' : 's'}`;

const unrounded = new Intl.NumberFormat('en', { maximumFractionDigits: 20 });

/** For limits, which have to be told as they are. */
export const exactly = (value: number): string => unrounded.format(value);

/** Two units at the most: 0.4 s, 12 s, 3 min 20 s, 2 h 5 min, 4 d. */
export const duration = (seconds: number): string => {
  if (seconds < 0.95) return `${Math.max(0, Math.round(seconds * 10)) / 10} s`;
  const total = Math.round(seconds);
  if (total < minuteSeconds) return `${total} s`;
  if (total < hourSeconds) return joined([total / minuteSeconds, 'min'], [total % minuteSeconds, 's']);
  if (total < daySeconds) {
    return joined([total / hourSeconds, 'h'], [(total % hourSeconds) / minuteSeconds, 'min']);
  }
  return joined([total / daySeconds, 'd'], [(total % daySeconds) / hourSeconds, 'h']);
};

/** What something took: never nothing. */
export const elapsed = (seconds: number): string => (seconds < 0.05 ? 'under 0.1 s' : duration(seconds));

const joined = (...units: readonly (readonly [amount: number, unit: string])[]): string =>
  units
    .map(([amount, unit]) => [Math.floor(amount), unit] as const)
    .filter(([amount]) => amount > 0)
    .map(([amount, unit]) => `${amount} ${unit}`)
    .join(' ');

/** One unit, and on which side of now it lies. */
export const ago = (atMs: number, nowMs: number): string => {
  const seconds = Math.abs(nowMs - atMs) / 1_000;
  if (seconds < 5) return 'just now';
  const size =
    seconds < 90
      ? `${Math.round(seconds)} s`
      : seconds < 90 * minuteSeconds
        ? `${Math.round(seconds / minuteSeconds)} min`
        : seconds < 36 * hourSeconds
          ? `${Math.round(seconds / hourSeconds)} h`
          : `${Math.round(seconds / daySeconds)} days`;
  return atMs > nowMs ? `in ${size}` : `${size} ago`;
};

const byteUnits = ['B', 'kB', 'MB', 'GB'] as const;

/** Decimal units, three digits. */
export const bytes = (value: number): string => {
  let size = value;
  let unit = 0;
  while (size >= 999.5 && unit < byteUnits.length - 1) {
    size /= 1_000;
    unit += 1;
  }
  const digits = unit === 0 || size >= 99.5 ? 0 : size >= 9.95 ? 1 : 2;
  return `${Number(size.toFixed(digits))} ${byteUnits[unit] ?? ''}`;
};

const clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });
const dayAndClock = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });

/** Of today only the time. */
export const timeOfDay = (atMs: number, nowMs: number): string =>
  new Date(atMs).toDateString() === new Date(nowMs).toDateString()
    ? clock.format(atMs)
    : dayAndClock.format(atMs);

export const percent = (share: number): string => `${Math.floor(Math.min(1, Math.max(0, share)) * 100)} %`;

/** What others have written, with the full stop that lets more follow. */
export const sentence = (text: string): string => {
  const trimmed = text.trim();
  return trimmed === '' || /[.!?:;…]$/u.test(trimmed) ? trimmed : `${trimmed}.`;
};
