/** Small drawings beside words; they never stand for a word alone. */

const paths = {
  queued: 'M8 4.5V8l2.3 1.6M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0Z',
  processing: 'M8 2a6 6 0 1 1-5.2 3M2.4 1.8v3.4h3.4',
  done: 'm3 8.6 3.2 3.2L13 4.8',
  failed: 'M8 5v3.6M8 11h.01M7.1 2.6 1.7 12a1 1 0 0 0 .9 1.5h10.8a1 1 0 0 0 .9-1.5L8.9 2.6a1 1 0 0 0-1.8 0Z',
  cancelled: 'M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0ZM3.9 3.9l8.2 8.2',
  expired: 'M4 2h8M4 14h8M5 2v2.5L8 8l3-3.5V2M5 14v-2.500L8 8l3 3.500V14',
  paused: 'M5.5 3.500v9M10.5 3.500v9',
  list: 'M5.5 4H14M5.5 8H14M5.5 12H14M2 4h.01M2 8h.01M2 12h.01',
  chart: 'M2 2v12h12M5 10.500l3-3.5 2.5 2L14 4.5',
  letter: 'M2 4h12v8.500H2ZM2 4.500l6 4.5 6-4.5',
  search: 'M11.5 7A4.5 4.5 0 1 1 2.5 7a4.5 4.5 0 0 1 9 0ZM10.3 10.3 14 14',
  copy: 'M5.5 5.500h8v8h-8ZM3.5 10.500h-1v-8h8v1',
  download: 'M8 2v8M4.5 7 8 10.5 11.5 7M2.5 13.500h11',
  up: 'M8 13V3M4 7l4-4 4 4',
  down: 'M8 3v10M4 9l4 4 4-4',
  hold: 'M3 8h10',
  back: 'M10 3 5 8l5 5',
  plus: 'M8 3v10M3 8h10',
  minus: 'M3 8h10',
  away: 'M2 6.500a9 9 0 0 1 12 0M4.5 9a5.5 5.5 0 0 1 7 0M8 12h.01M2.5 2.500l11 11',
  live: 'M8 8h.01M5.2 5.200a4 4 0 0 0 0 5.600M10.8 5.200a4 4 0 0 1 0 5.600M3 3a7 7 0 0 0 0 10M13 3a7 7 0 0 1 0 10',
} as const;

export type IconName = keyof typeof paths;

export const Icon = ({ name }: { name: IconName }) => (
  <svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
    <path
      d={paths[name]}
      fill="none"
      stroke="currentColor"
      stroke-width="1.6"
      stroke-linecap="round"
      stroke-linejoin="round"
    />
  </svg>
);
