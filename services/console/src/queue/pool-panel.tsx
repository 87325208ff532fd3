/** One pool: how it is, how it was, and why it has as many workers as it has. */
import type { Pool } from '../api/schemas.ts';
import { count, duration, timeOfDay } from '../ui/format.ts';
import { Icon } from '../ui/icon.tsx';
import { PausePool } from './pause-pool.tsx';
import { Plot } from './plot.tsx';
import { mergeSamples, type Sample } from './samples.ts';
import { ScalerLog } from './scaler-log.tsx';
import { jobSeries, workerSeries } from './series.ts';
import { useHistory } from './use-history.ts';

const Figure = ({ name, value, note }: { name: string; value: string; note?: string }) => (
  <div class="figure">
    <dt>{name}</dt>
    <dd class="numbers">{value}</dd>
    {note !== undefined && <dd class="figure-note">{note}</dd>}
  </div>
);

const Figures = ({ pool }: { pool: Pool }) => {
  const { busy, idle, draining } = pool.workers;
  const oldest = pool.ready === 0 ? undefined : `the oldest for ${duration(pool.oldestWaitSeconds)}`;
  const wanted = pool.scaler?.replicas;
  return (
    <dl class="figures">
      <Figure name="Waiting" value={count(pool.ready)} {...(oldest === undefined ? {} : { note: oldest })} />
      <Figure name="Running" value={count(pool.inFlight)} />
      <Figure
        name="Workers"
        value={count(busy + idle + draining)}
        note={`${busy} busy, ${idle} idle, ${draining} draining`}
      />
      <Figure name="Wanted by the scaler" value={wanted === undefined ? '–' : count(wanted)} />
      <Figure
        name="A job submitted now"
        value={pool.etaSeconds === undefined ? '–' : duration(pool.etaSeconds)}
        note="until it is done"
      />
      <Figure
        name="A run takes"
        value={pool.serviceSeconds === undefined ? '–' : duration(pool.serviceSeconds)}
        note="on average"
      />
    </dl>
  );
};

const Paused = ({ since, nowMs }: { since: string | undefined; nowMs: number }) => (
  <p class="paused-note">
    <Icon name="paused" />{' '}
    <span>
      <strong>Paused</strong>
      {since !== undefined && ` since ${timeOfDay(Date.parse(since), nowMs)}`}. Jobs are accepted and wait;
      none starts.
    </span>
  </p>
);

export interface PoolPanelProps {
  pool: Pool;
  seen: readonly Sample[];
  nowMs: number;
  minutes: number;
  reload: () => void;
}

export const PoolPanel = ({ pool, seen, nowMs, minutes, reload }: PoolPanelProps) => {
  const history = useHistory(pool.pool, minutes);
  const fromMs = nowMs - minutes * 60_000;
  const samples = mergeSamples(history.samples, seen, fromMs);
  const time = { samples, fromMs, toMs: nowMs, gapMs: history.gapMs };
  const id = `pool-${pool.pool}`;
  return (
    <section class="card pool" aria-labelledby={id}>
      <div class="panel-head">
        <h2 id={id}>
          Pool <span class="pool-name">{pool.pool}</span>
        </h2>
        <PausePool pool={pool} reload={reload} />
      </div>
      {pool.paused && <Paused since={pool.pausedSince} nowMs={nowMs} />}
      <Figures pool={pool} />
      {history.fault !== undefined && (
        <p class="hint">What was before this page was opened cannot be shown: {history.fault}.</p>
      )}
      <div class="plots">
        <Plot title="Jobs" series={jobSeries} {...time} />
        <Plot title="Workers" series={workerSeries} {...time} />
      </div>
      <h3 class="changes-title">What the scaler did, and why</h3>
      <ScalerLog samples={samples} nowMs={nowMs} />
    </section>
  );
};
