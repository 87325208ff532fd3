/** What the workers may do next, and what may befall them. */
import { assertNever } from '@factorial/core/errors/assert-never';
import { at } from './at.ts';
import type { Answer, Call, Ref } from './record.ts';
import type { Steps } from './steps.ts';
import { addMessage, makeIdle, nextNonce, type Ready, type Worker, type World } from './world.ts';

type Outcome = Worker['outcome'];

const kindsOfMessage: readonly (keyof Ready)[] = ['fresh', 'again'];

const deliver = (steps: Steps, index: number): void => {
  const { rules } = steps.model;
  steps.world.ready.forEach((ready, job) => {
    for (const kind of kindsOfMessage) {
      if (ready[kind] === 0) continue;
      steps.add(`worker ${index} gets the ${kind} message of job ${job}`, (after) => {
        at(after.ready, job)[kind] -= 1;
        Object.assign(at(after.workers, index), {
          stage: 'held',
          delivery: job,
          redelivered: kind === 'again',
          hasMessage: rules.ackAfterOutcome,
          nonce: nextNonce(after),
        });
      });
    }
  });
};

/** A message that comes back to the worker that is at work on it takes the lost one's place; one of a job that runs on another's is spare. */
const adopt = (steps: Steps, index: number): void => {
  const { delivery, hasMessage, ref } = at(steps.world.workers, index);
  steps.world.ready.forEach(({ again }, job) => {
    if (again === 0) return;
    const isSame = delivery === job && !hasMessage && (ref === undefined || ref.job === job);
    const isSpare = ref?.job === job && delivery !== job;
    if (!isSame && !isSpare) return;
    steps.add(`worker ${index} knows the message of job ${job} that came back`, (after) => {
      at(after.ready, job).again -= 1;
      if (isSame) at(after.workers, index).hasMessage = true;
    });
  });
};

const afterClaim = (worker: Worker, answer: Answer): void => {
  if (answer.ref) {
    worker.ref = answer.ref;
    worker.stage = 'running';
  } else if (answer.again !== true) {
    worker.stage = 'ending';
  }
};

/** A request may take effect and its answer be lost, or arrive when its sender has long sent it again. */
const request = (steps: Steps, index: number, call: Call): void => {
  const what = `${call.script.toUpperCase()} by worker ${index}`;
  steps.fault('lost answer', `${what}, its answer is lost`, (_, turn) => void turn.call(call));
  if (steps.world.late) return;
  steps.fault('late request', `${what} hangs on its way`, (after) => {
    after.late = call;
  });
};

const held = (steps: Steps, index: number): void => {
  const { delivery: job, nonce, redelivered } = at(steps.world.workers, index);
  const call: Call = { script: 'claim', job, worker: index, nonce, redelivered };
  steps.add(`CLAIM of job ${job} by worker ${index}`, (after, turn) =>
    afterClaim(at(after.workers, index), turn.call(call)),
  );
  // It asks three times, then leaves the job to the sweeper.
  steps.add(`worker ${index} asks once more and gives up`, (after, turn) => {
    const { word, again } = turn.call(call);
    at(after.workers, index).stage = 'ending';
    return word === 'BUSY' && again === true;
  });
  request(steps, index, call);
};

const beat = (steps: Steps, index: number, ref: Ref): void => {
  const call: Call = { script: 'beat', ref };
  steps.add(`BEAT by worker ${index}`, (after, turn) => {
    const worker = at(after.workers, index);
    worker.isOverdue = false;
    // One that has its result tells it all the same.
    if (turn.call(call).word !== 'OK' && worker.stage === 'running') worker.stage = 'ending';
  });
  if (steps.world.late) return;
  steps.fault('late request', `BEAT by worker ${index} hangs on its way`, (after) => {
    after.late = call;
  });
};

const run = (steps: Steps, index: number): void => {
  const ends = (outcome: Outcome) => (after: World) =>
    void Object.assign(at(after.workers, index), { stage: 'ran', outcome });
  steps.add(`worker ${index} has a result`, ends('done'));
  for (const outcome of ['error', 'retry', 'out-of-memory', 'release'] as const) {
    steps.extra('errors', `the run of worker ${index} ends: ${outcome}`, ends(outcome));
  }
};

const toReport = (outcome: Outcome, ref: Ref): Call => {
  switch (outcome) {
    case 'release':
      return { script: 'release', ref };
    case 'error':
      return { script: 'fail', ref, code: 'error', again: false };
    case 'retry':
      return { script: 'fail', ref, code: 'error', again: true };
    case 'out-of-memory':
      return { script: 'fail', ref, code: 'out-of-memory', again: true };
    case 'none':
    case 'done':
      return { script: 'complete', ref };
    default:
      return assertNever(outcome);
  }
};

const report = (steps: Steps, index: number, ref: Ref): void => {
  const call = toReport(at(steps.world.workers, index).outcome, ref);
  steps.add(`${call.script.toUpperCase()} by worker ${index}`, (after, turn) => {
    turn.call(call);
    at(after.workers, index).stage = 'ending';
  });
  request(steps, index, call);
};

const end = (steps: Steps, index: number): void => {
  steps.add(`worker ${index} answers its message`, (after) => {
    const worker = at(after.workers, index);
    if (worker.hasMessage && worker.outcome === 'release') addMessage(after, worker.delivery, 'again');
    makeIdle(worker);
  });
};

const act = (steps: Steps, index: number): void => {
  const { stage, ref } = at(steps.world.workers, index);
  if (stage === 'idle') return deliver(steps, index);
  adopt(steps, index);
  if (stage === 'held') held(steps, index);
  if (stage === 'ending') end(steps, index);
  if (stage === 'running') run(steps, index);
  if (!ref) return;
  if (stage === 'running' || stage === 'ran') beat(steps, index, ref);
  if (stage === 'ran') report(steps, index, ref);
};

const giveMessageBack = (after: World, worker: Worker): void => {
  if (worker.hasMessage) addMessage(after, worker.delivery, 'again');
  worker.hasMessage = false;
};

const suffer = (steps: Steps, index: number): void => {
  const { isFrozen, hasMessage } = at(steps.world.workers, index);
  steps.fault('worker crash', `worker ${index} crashes`, (after) => {
    const worker = at(after.workers, index);
    giveMessageBack(after, worker);
    makeIdle(worker);
  });
  if (hasMessage) {
    steps.fault('connection broken', `worker ${index} loses its connection`, (after) =>
      giveMessageBack(after, at(after.workers, index)),
    );
  }
  if (isFrozen) return;
  steps.fault('worker frozen', `worker ${index} freezes`, (after) => {
    Object.assign(at(after.workers, index), { isFrozen: true, isOverdue: true });
  });
};

export const nextOfWorkers = (steps: Steps): void => {
  steps.world.workers.forEach(({ stage, isFrozen }, index) => {
    if (stage !== 'idle') suffer(steps, index);
    if (!isFrozen) return act(steps, index);
    steps.add(`worker ${index} thaws`, (after) => {
      at(after.workers, index).isFrozen = false;
    });
  });
};
