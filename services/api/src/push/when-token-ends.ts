/** Ends what a token has opened when the token is good no longer. */
import type { VerifiedToken } from '@factorial/core/auth/verify-token';
import type { Clock } from '@factorial/core/time/clock';

/** What a timer of Node's can wait for; beyond it fires at once. */
const longestTimerMs = 2_147_483_647;

/** @returns what calls it off. */
export const whenTokenEnds = (
  { goodUntilMs }: Pick<VerifiedToken, 'goodUntilMs'>,
  clock: Clock,
  end: () => void,
): (() => void) => {
  if (goodUntilMs === undefined) return () => undefined;
  let timer: NodeJS.Timeout | undefined;
  const wait = (): void => {
    const leftMs = goodUntilMs - clock.now();
    if (leftMs <= 0) end();
    else timer = setTimeout(wait, Math.min(leftMs, longestTimerMs));
  };
  wait();
  return () => clearTimeout(timer);
};
