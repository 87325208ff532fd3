/** A client of /v1/jobs: submits twice with one key, waits on a held request, fetches the output. */
import { check } from 'k6';
import { memberOf } from './api-client.ts';
import { isRight } from './known-results.ts';
import type { Ending } from './ledger.ts';
import type { Journey, JourneyDeps } from './user-journey.ts';

const patienceOf = (seconds: number): number => Date.now() + seconds * 1_000;

/** @returns the id; undefined when it was given up. */
const submit = ({ settings, client, ledger }: JourneyDeps, { known, idempotencyKey }: Journey) => {
  const untilMs = patienceOf(settings.submitWithinSeconds);
  const request = {
    method: 'POST',
    path: '/v1/jobs',
    name: '/v1/jobs',
    headers: { 'content-type': 'application/json', 'idempotency-key': idempotencyKey },
    body: JSON.stringify({ task: 'factorial', input: { n: known.n } }),
  } as const;
  const answer = client.askPatiently(request, untilMs);
  if (
    answer === undefined ||
    !check(answer, { 'a submission is answered 202': ({ status }) => status === 202 })
  )
    return undefined;
  ledger.accepted(answer.timings.duration);
  const id = memberOf(answer, 'id');
  const again = client.askPatiently(request, untilMs);
  check(again, {
    'the same submission again gives the same job': (second) =>
      second !== undefined && memberOf(second, 'id') === id,
    'and says so': (second) => second?.headers['Idempotency-Replayed'] === 'true',
  });
  return String(id);
};

/** Each held request is answered within its time limit; another one goes on waiting. */
const longestHoldSeconds = 5;

const awaitEnd = ({ settings, client }: JourneyDeps, { known }: Journey, id: string): Ending => {
  const untilMs = patienceOf(settings.resultWithinSeconds);
  const job = {
    path: `/v1/jobs/${id}`,
    name: '/v1/jobs/{id}',
    headers: { prefer: `wait=${longestHoldSeconds}` },
  };
  while (Date.now() < untilMs) {
    const answer = client.askPatiently(job, untilMs);
    if (answer?.status !== 200) return 'lost';
    const status = memberOf(answer, 'status');
    if (status === 'failed' || status === 'cancelled' || status === 'expired') return 'failed';
    if (status !== 'done') continue;
    const output = client.askPatiently(
      { path: `/v1/jobs/${id}/output`, name: '/v1/jobs/{id}/output' },
      untilMs,
    );
    if (output === undefined) return 'lost';
    return check(output, { 'the output is right': ({ body }) => isRight(known, body) }) ? 'right' : 'wrong';
  }
  return 'lost';
};

export const takeJobJourney = (deps: JourneyDeps, journey: Journey): void => {
  const sinceMs = Date.now();
  const id = submit(deps, journey);
  if (id === undefined) deps.ledger.givenUp();
  else deps.ledger.ended(awaitEnd(deps, journey, id), sinceMs);
};
