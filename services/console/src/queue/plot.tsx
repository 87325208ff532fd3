/** A plot over time: a drawing, what it says in words, and the same as a table. */
import { useId, useRef, useState } from 'preact/hooks';
import { count, shortCount, timeOfDay } from '../ui/format.ts';
import { areaPath, type Frame, linePath, pointAt, ticksUpTo, timeTicks, xOf, yOf } from './plot-paths.ts';
import { PlotTable } from './plot-table.tsx';
import type { Sample } from './samples.ts';
import { highestOf, inDrawingOrder, pointsOf, type Series, summaryOf } from './series.ts';
import { useWidth } from './use-width.ts';

const height = 140;
/** Room for the scale's numbers, and for the times under the axis. */
const left = 46;
const bottom = 22;
const margin = 8;

export interface PlotProps {
  title: string;
  series: readonly Series[];
  samples: readonly Sample[];
  fromMs: number;
  toMs: number;
  gapMs: number;
}

const shortTime = new Intl.DateTimeFormat('en-GB', { timeStyle: 'short' });

/** Half of a time's width: nearer to the right edge it stands to the left of its place. */
const halfTime = 18;

const anchorAt = (frame: Frame, atMs: number): 'middle' | 'end' =>
  xOf(frame, atMs) > frame.width - halfTime ? 'end' : 'middle';

const Scale = ({ frame, ticks }: { frame: Frame; ticks: readonly number[] }) => (
  <g class="plot-scale">
    {ticks.map((tick) => (
      <g key={tick}>
        <line x1={0} x2={frame.width} y1={yOf(frame, tick)} y2={yOf(frame, tick)} />
        <text x={-8} y={yOf(frame, tick)} dy="0.32em" text-anchor="end">
          {shortCount(tick)}
        </text>
      </g>
    ))}
    {timeTicks(frame, -new Date(frame.fromMs).getTimezoneOffset() * 60_000).map((atMs) => (
      <text key={atMs} x={xOf(frame, atMs)} y={frame.height + 16} text-anchor={anchorAt(frame, atMs)}>
        {shortTime.format(atMs)}
      </text>
    ))}
  </g>
);

const Line = ({ frame, one, samples }: { frame: Frame; one: Series; samples: readonly Sample[] }) => {
  const points = pointsOf(one, samples);
  return (
    <g class={`series series-${one.key} series-${one.look}`}>
      {one.look === 'area' && <path class="series-fill" d={areaPath(frame, points)} />}
      <path class="series-line" d={linePath(frame, points)} />
    </g>
  );
};

const Legend = ({ series, sample }: { series: readonly Series[]; sample: Sample | undefined }) => (
  <ul class="legend">
    {series.map((one) => (
      <li key={one.key}>
        <svg
          class={`swatch series-${one.key} series-${one.look}`}
          viewBox="0 0 18 10"
          width="18"
          height="10"
          aria-hidden="true"
        >
          {one.look === 'area' && <rect class="series-fill" width="18" height="10" />}
          <line
            class="series-line"
            x1="0"
            x2="18"
            y1={one.look === 'area' ? 1 : 5}
            y2={one.look === 'area' ? 1 : 5}
          />
        </svg>
        {one.name}
        <span class="legend-value numbers">
          {sample === undefined ? '–' : count(one.valueOf(sample) ?? 0)}
        </span>
      </li>
    ))}
  </ul>
);

/** The time under the pointer. */
const usePointedTime = (frame: Frame) => {
  const [atMs, setAtMs] = useState<number>();
  const point = ({ offsetX }: PointerEvent): void => {
    const share = (offsetX - left) / Math.max(1, frame.width);
    const isInside = share >= 0 && share <= 1;
    setAtMs(isInside ? frame.fromMs + share * (frame.toMs - frame.fromMs) : undefined);
  };
  return { atMs, point, leave: (): void => setAtMs(undefined) };
};

export const Plot = ({ title, series, samples, fromMs, toMs, gapMs }: PlotProps) => {
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const ticks = ticksUpTo(highestOf(series, samples));
  const frame: Frame = {
    fromMs,
    toMs,
    gapMs,
    top: ticks.at(-1) ?? 1,
    width: Math.max(0, width - left - margin),
    height,
  };
  const { atMs, point, leave } = usePointedTime(frame);
  const pointed = atMs === undefined ? undefined : pointAt(samples, atMs);
  return (
    <figure class="plot" aria-labelledby={id}>
      <figcaption id={id} class="plot-title">
        {title}
        <span class="plot-time numbers">{pointed ? timeOfDay(pointed.atMs, toMs) : 'now'}</span>
      </figcaption>
      <Legend series={series} sample={pointed ?? samples.at(-1)} />
      <div ref={box} class="plot-box">
        {width > 0 && (
          <svg
            role="img"
            aria-label={`${title}. ${summaryOf(series, samples)}`}
            width={width}
            height={height + bottom + margin}
            onPointerMove={point}
            onPointerLeave={leave}
          >
            <g transform={`translate(${left} ${margin})`}>
              <Scale frame={frame} ticks={ticks} />
              {inDrawingOrder(series).map((one) => (
                <Line key={one.key} frame={frame} one={one} samples={samples} />
              ))}
              {pointed && (
                <line
                  class="plot-cursor"
                  x1={xOf(frame, Math.max(fromMs, pointed.atMs))}
                  x2={xOf(frame, Math.max(fromMs, pointed.atMs))}
                  y1={0}
                  y2={height}
                />
              )}
            </g>
          </svg>
        )}
      </div>
      <PlotTable title={title} series={series} samples={samples} />
    </figure>
  );
};
