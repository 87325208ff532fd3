/** What of a tick is worth an Event: what has changed since the tick before. Pure. */
import type { Act } from '../act.ts';
import type { TickReport } from '../control-loop.ts';
import type { HoldReason, Plan } from '../decision/decision.ts';

export interface PoolEvent {
  type: 'Normal' | 'Warning';
  /** What happened, as one word for machines. */
  reason: string;
  /** The same, for people. */
  message: string;
}

/** What stood at a tick, and is told when it begins and when it ends. */
export interface Standing {
  hold: HoldReason | undefined;
  capacity: boolean;
  drainTimedOut: boolean;
  /** An operator has paused the pool, as far as a tick could tell. */
  poolPaused: boolean;
}

export const nothingStands: Standing = {
  hold: undefined,
  capacity: false,
  drainTimedOut: false,
  poolPaused: false,
};

/** @param before where a tick that holds has not seen the pool. */
export const standingOf = ({ decision, act, plan }: TickReport, before: Standing): Standing => ({
  hold: decision.kind === 'hold' ? decision.reason : undefined,
  capacity: decision.kind === 'scale' && decision.restricted === 'capacity',
  drainTimedOut: act.did === 'refused' && act.code === 'not-drained',
  poolPaused: plan?.paused ?? before.poolPaused,
});

const warning = (reason: string, message: string): PoolEvent => ({ type: 'Warning', reason, message });
const normal = (reason: string, message: string): PoolEvent => ({ type: 'Normal', reason, message });

const loadOf = (plan: Plan | undefined): string =>
  plan ? `; ${plan.ready} waiting, ${plan.inflight} in flight, needs ${plan.needReplicas}` : '';

const stepEvents = (act: Act, { decision, plan }: TickReport): PoolEvent[] => {
  if (act.did !== 'scaled') return [];
  const { from, to, removed, wrongVictims } = act;
  const names = removed.length > 0 ? `; gone: ${removed.join(', ')}` : '';
  const message = `${from} to ${to} (${decision.reason})${loadOf(plan)}${names}`;
  const step = normal(to > from ? 'ScaledUp' : 'ScaledDown', message);
  return wrongVictims.length === 0
    ? [step]
    : [step, warning('WrongVictims', `went though others were chosen: ${wrongVictims.join(', ')}`)];
};

const isBlind = (hold: HoldReason | undefined): boolean => hold !== undefined && hold !== 'paused';

const holdEvents = (before: Standing, { decision }: TickReport): PoolEvent[] => {
  const hold = decision.kind === 'hold' ? decision.reason : undefined;
  if (hold === before.hold) return [];
  const ended = [
    ...(before.hold === 'paused' ? [normal('Resumed', 'scales again')] : []),
    ...(isBlind(before.hold) && !isBlind(hold)
      ? [normal('MetricsRecovered', 'everything can be read again')]
      : []),
  ];
  if (decision.kind !== 'hold') return ended;
  return decision.reason === 'paused'
    ? [...ended, normal('Paused', 'keeps its hands off while the annotation stands')]
    : [
        ...ended,
        warning('HoldMetricsUnavailable', `changes nothing: ${decision.reason} (${decision.detail})`),
      ];
};

const restrictionEvents = (before: Standing, now: Standing): PoolEvent[] => [
  ...(now.capacity && !before.capacity
    ? [warning('CapacityLimited', 'the machines have no room for more workers')]
    : []),
  ...(now.drainTimedOut && !before.drainTimedOut
    ? [warning('DrainTimedOut', 'no chosen worker has confirmed in time that it takes no further job')]
    : []),
];

const pauseEvents = (before: Standing, now: Standing): PoolEvent[] => {
  if (now.poolPaused === before.poolPaused) return [];
  return [
    now.poolPaused
      ? normal('PoolPaused', 'starts no job and grows for none until the pool is resumed')
      : normal('PoolResumed', 'starts jobs again'),
  ];
};

export const eventsOf = (before: Standing, report: TickReport): PoolEvent[] => {
  const now = standingOf(report, before);
  return [
    ...stepEvents(report.act, report),
    ...holdEvents(before, report),
    ...pauseEvents(before, now),
    ...restrictionEvents(before, now),
  ];
};
