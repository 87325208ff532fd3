/** How busy the system is, pool by pool. */
import { useState } from 'preact/hooks';
import { Page } from '../shell/page.tsx';
import { Empty } from '../ui/empty.tsx';
import { Fault } from '../ui/fault.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { PoolPanel } from './pool-panel.tsx';
import { usePools } from './use-pools.ts';

const spans = [
  { minutes: 5, text: '5 min' },
  { minutes: 15, text: '15 min' },
  { minutes: 60, text: '1 h' },
] as const;

const Span = ({ minutes, choose }: { minutes: number; choose: (minutes: number) => void }) => (
  <div class="segments" role="group" aria-label="Time shown">
    {spans.map((span) => (
      <button
        key={span.minutes}
        type="button"
        class="segment"
        aria-pressed={span.minutes === minutes}
        onClick={() => choose(span.minutes)}
      >
        {span.text}
      </button>
    ))}
  </div>
);

export const QueuePage = () => {
  const { pools, seen, nowMs, error, reload } = usePools();
  const [minutes, setMinutes] = useState(15);
  return (
    <Page title="Queue" aside={<Span minutes={minutes} choose={setMinutes} />}>
      {error && <Fault error={error} retry={reload} />}
      {pools === undefined && !error && <Skeleton lines={8} label="The queue is loading" />}
      {pools?.length === 0 && (
        <Empty icon="chart" title="No pool yet">
          <p>A pool shows up when its first worker starts, or the first job is submitted to it.</p>
        </Empty>
      )}
      {pools?.map((pool) => (
        <PoolPanel
          key={pool.pool}
          pool={pool}
          seen={seen.get(pool.pool) ?? []}
          nowMs={nowMs}
          minutes={minutes}
          reload={reload}
        />
      ))}
    </Page>
  );
};
