/** What a plot shows, as numbers; made only while somebody looks. */
import { useState } from 'preact/hooks';
import { count, timeOfDay } from '../ui/format.ts';
import { type Sample, thin } from './samples.ts';
import type { Series } from './series.ts';

/** Rows of the table. */
const most = 30;

export interface PlotTableProps {
  title: string;
  series: readonly Series[];
  samples: readonly Sample[];
}

const Table = ({ title, series, samples }: PlotTableProps) => {
  const rows = thin(samples, most).reverse();
  const nowMs = rows[0]?.atMs ?? 0;
  return (
    <div class="table-box" role="region" aria-label={`${title}, as a table`} tabIndex={0}>
      <table class="numbers">
        <thead>
          <tr>
            <th scope="col">Time</th>
            {series.map(({ key, name }) => (
              <th key={key} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((sample) => (
            <tr key={sample.atMs}>
              <th scope="row">{timeOfDay(sample.atMs, nowMs)}</th>
              {series.map(({ key, valueOf }) => (
                <td key={key}>{count(valueOf(sample) ?? 0)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
};

export const PlotTable = (props: PlotTableProps) => {
  const [isOpen, setOpen] = useState(false);
  return (
    <details class="plot-table" onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>As a table</summary>
      {isOpen && <Table {...props} />}
    </details>
  );
};
