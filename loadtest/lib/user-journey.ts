/** A user of the article's interface: submits a factorial, looks now and then, reads the result. */
import { check, sleep } from 'k6';
import { type Answer, type ApiClient, memberOf } from './api-client.ts';
import { isRight, type KnownResult } from './known-results.ts';
import type { Ending, Ledger } from './ledger.ts';
import type { Settings } from './settings.ts';

export interface JourneyDeps {
  settings: Settings;
  client: ApiClient;
  ledger: Ledger;
}

export interface Journey {
  known: KnownResult;
  /** The same for every try of this submission, and for no other one. */
  idempotencyKey: string;
}

const idPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** @returns the id; undefined when it was given up. */
const submit = ({ settings, client, ledger }: JourneyDeps, { known, idempotencyKey }: Journey) => {
  const untilMs = Date.now() + settings.submitWithinSeconds * 1_000;
  const request = {
    path: `/factorial?no=${known.n}`,
    name: '/factorial',
    headers: { 'idempotency-key': idempotencyKey },
  };
  const answer = client.askPatiently(request, untilMs);
  if (answer?.status !== 200) return undefined;
  ledger.accepted(answer.timings.duration);
  const id = answer.body;
  check(id, { 'the id is a UUID': (text) => idPattern.test(text) });
  return id;
};

const judge = (known: KnownResult, answer: Answer): Ending => {
  const [input, output] = [memberOf(answer, 'input'), memberOf(answer, 'output')];
  const right = check(output, {
    'the result is that of what was asked for': () => input === known.n,
    'the result is right': (digits) => isRight(known, digits),
  });
  if (!right)
    console.error(
      `${known.n}! came as ${JSON.stringify({ input, output }).slice(0, 200)}, and that is wrong`,
    );
  return right ? 'right' : 'wrong';
};

/** Looks until the job has ended: one that is unknown to the server, or does not end in time, is lost. */
const awaitEnd = ({ settings, client }: JourneyDeps, known: KnownResult, id: string): Ending => {
  const untilMs = Date.now() + settings.resultWithinSeconds * 1_000;
  const request = { path: `/factorial/result?id=${id}`, name: '/factorial/result' };
  while (Date.now() < untilMs) {
    sleep(settings.lookSeconds);
    const answer = client.askPatiently(request, untilMs);
    if (answer?.status !== 200) return 'lost';
    const status = memberOf(answer, 'status');
    if (status === 'done') return judge(known, answer);
    if (status === 'failed') return 'failed';
  }
  return 'lost';
};

export const takeJourney = (deps: JourneyDeps, journey: Journey): void => {
  const sinceMs = Date.now();
  const id = submit(deps, journey);
  if (id === undefined) {
    deps.ledger.givenUp();
    return;
  }
  const ending = awaitEnd(deps, journey.known, id);
  if (ending === 'lost' || ending === 'failed') console.error(`${journey.known.n}!, job ${id}: ${ending}`);
  deps.ledger.ended(ending, sinceMs);
};
