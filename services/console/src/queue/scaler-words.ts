/** The scaler's own short words, as sentences. A word that is not known here is shown as it came. */
import type { ScalerStatement } from '../api/schemas.ts';

const reasons: Readonly<Record<string, string>> = {
  backlog: 'many jobs wait',
  'arrival-rate': 'jobs come faster than they are done',
  'oldest-wait': 'the oldest job has waited for long',
  minimum: 'it never goes below the fewest workers allowed',
  maximum: 'it never goes above the most workers allowed',
  capacity: 'the nodes have no room for more',
  'less-work': 'there is less to do',
  steady: 'the number fits the work',
  'pool-paused': 'the pool is paused',
  paused: 'scaling is paused',
  'queue-unknown': 'the queue cannot be read',
  silent: 'nothing is heard of the scaler',
  'target-unknown': 'the number of workers cannot be read',
};

const restrictions: Readonly<Record<string, string>> = {
  maximum: 'the most workers allowed',
  capacity: 'no room on the nodes',
  'pool-paused': 'the pool is paused',
  'up-rate': 'no more than so many are added at a time',
  'pool-unknown': 'the api cannot be asked who is busy',
  'stale-reading': 'the last reading is too old',
  rollout: 'a rollout is under way',
  window: 'it waits to see whether there stays less to do',
  'step-spacing': 'the last step was a moment ago',
  lingering: 'idle workers stay for a while',
  'no-idle-worker': 'every worker is busy',
  'idle-share': 'not all idle workers go at once',
};

/** A hold tells `reason: detail`. */
const split = (reason: string): [word: string, detail: string] => {
  const colon = reason.indexOf(': ');
  return colon === -1 ? [reason, ''] : [reason.slice(0, colon), reason.slice(colon + 2)];
};

export const reasonInWords = ({ reason }: ScalerStatement): string => {
  const [word, detail] = split(reason);
  const words = reasons[word] ?? word;
  return detail === '' ? words : `${words} (${detail})`;
};

/** Held back by the maximum, it wants just that many. */
export const restrictionInWords = ({ restricted, replicas }: ScalerStatement): string | undefined => {
  if (restricted === undefined) return undefined;
  const words = restrictions[restricted] ?? restricted;
  return restricted === 'maximum' && replicas !== undefined ? `${words} (${replicas})` : words;
};
