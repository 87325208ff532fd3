/** Why the scaler did what it did. */
import { assertNever } from '@factorial/core/errors/assert-never';
import { Icon, type IconName } from '../ui/icon.tsx';
import { timeOfDay } from '../ui/format.ts';
import type { Sample } from './samples.ts';
import { type Direction, directionOf, type ScalerChange, scalerChanges } from './scaler-changes.ts';
import { reasonInWords, restrictionInWords } from './scaler-words.ts';

/** Enough to see what led to what. */
const most = 40;

const icons: Readonly<Record<Direction, IconName>> = { up: 'up', down: 'down', stay: 'hold', hold: 'paused' };

const workers = (replicas: number | undefined): string =>
  replicas === 1 ? '1 worker' : `${replicas ?? '?'} workers`;

const headline = (change: ScalerChange): string => {
  const { before, statement } = change;
  const direction = directionOf(change);
  switch (direction) {
    case 'up':
    case 'down':
      return `${before ?? '?'} → ${workers(statement.replicas)}`;
    case 'stay':
      return `Stays at ${workers(statement.replicas)}`;
    case 'hold':
      return 'Holds, and touches nothing';
    default:
      return assertNever(direction);
  }
};

const Change = ({ change, nowMs }: { change: ScalerChange; nowMs: number }) => {
  const restriction = restrictionInWords(change.statement);
  const direction = directionOf(change);
  return (
    <li class={`change change-${direction}`}>
      <time class="numbers" datetime={new Date(change.atMs).toISOString()}>
        {timeOfDay(change.atMs, nowMs)}
      </time>
      <span class="change-mark">
        <Icon name={icons[direction]} />
      </span>
      <p>
        <strong class="numbers">{headline(change)}</strong>: {reasonInWords(change.statement)}
        {restriction !== undefined && <span class="change-restricted">; held back: {restriction}</span>}
      </p>
    </li>
  );
};

export const ScalerLog = ({ samples, nowMs }: { samples: readonly Sample[]; nowMs: number }) => {
  const changes = scalerChanges(samples).slice(0, most);
  if (changes.length === 0) {
    return (
      <p class="hint">
        No scaler has spoken in this time. Where none runs, the number of workers is what somebody has set.
      </p>
    );
  }
  return (
    <div class="changes" role="region" tabIndex={0} aria-label="What the scaler did, the newest first">
      <ol>
        {changes.map((change) => (
          <Change key={change.atMs} change={change} nowMs={nowMs} />
        ))}
      </ol>
    </div>
  );
};
