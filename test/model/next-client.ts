/** What clients, the api's requests, the owner and the janitor may do next. */
import { at } from './at.ts';
import { isEnded, isOpen } from './record.ts';
import type { Steps, Turn } from './steps.ts';
import { addMessage, type World } from './world.ts';

const refuse = (after: World, index: number): void => {
  at(after.apis, index).stage = 'none';
  at(after.clients, index).stage = 'failed';
};

const answer = (after: World, index: number): void => {
  const client = at(after.clients, index);
  client.stage = 'accepted';
  client.job = at(after.apis, index).job;
};

/** Every request makes a new id; where the world has no room for one, only a known job can be meant. */
const newId = (after: World, index: number): number => {
  const free = after.store.jobs.findIndex(({ status }) => status === 'none');
  return free < 0 ? at(after.store.keys, index) : free;
};

/** @returns the word of ACCEPT; '' where there is no room for another job. */
const accept = (after: World, turn: Turn, index: number): string => {
  const api = at(after.apis, index);
  const id = api.job < 0 ? newId(after, index) : api.job;
  if (id < 0) return '';
  const { job = id, word } = turn.call({ script: 'accept', client: index, job: id });
  api.job = job;
  return word;
};

const publish = (after: World, job: number, publication: number): void => {
  addMessage(after, job, 'fresh');
  after.confirms[job] = publication;
};

const received = (steps: Steps, index: number): void => {
  const { rules } = steps.model;
  if (!rules.recordFirst) {
    steps.add(`api publishes before it writes, for client ${index}`, (after) => {
      const api = at(after.apis, index);
      api.job = newId(after, index);
      if (api.job < 0) return false;
      api.stage = 'sent first';
      addMessage(after, api.job, 'fresh');
      return true;
    });
    return;
  }
  if (!rules.answerAfterRecord) {
    steps.add(`api answers 202 before it writes, to client ${index}`, (after) => {
      const api = at(after.apis, index);
      api.job = newId(after, index);
      if (api.job < 0) return false;
      api.stage = 'answered first';
      answer(after, index);
      return true;
    });
    return;
  }
  steps.add(`ACCEPT for client ${index}`, (after, turn) => {
    const word = accept(after, turn, index);
    at(after.apis, index).stage = word === 'OK' ? 'written' : 'sent';
    return word !== '';
  });
  steps.fault('lost answer', `ACCEPT for client ${index}, its answer is lost: 503`, (after, turn) => {
    const isPossible = accept(after, turn, index) !== '';
    refuse(after, index);
    return isPossible;
  });
};

const written = (steps: Steps, index: number): void => {
  const isLate = at(steps.world.apis, index).stage === 'written late';
  const next = isLate ? 'none' : 'sent';
  steps.add(`api publishes for client ${index}`, (after) => {
    const api = at(after.apis, index);
    api.stage = next;
    publish(after, api.job, 1);
  });
  steps.fault('publish lost', `api publishes for client ${index}, unconfirmed and lost`, (after) => {
    at(after.apis, index).stage = next;
  });
};

/** The rest of a request that did first what comes second. */
const afterwards = (steps: Steps, index: number): void => {
  const isAnswered = at(steps.world.apis, index).stage === 'answered first';
  steps.add(`ACCEPT for client ${index}, afterwards`, (after, turn) => {
    const isPossible = accept(after, turn, index) !== '';
    at(after.apis, index).stage = isAnswered ? 'written late' : 'sent';
    return isPossible;
  });
};

const request = (steps: Steps, index: number): void => {
  const { stage } = at(steps.world.apis, index);
  if (stage === 'received') received(steps, index);
  if (stage === 'written' || stage === 'written late') written(steps, index);
  if (stage === 'sent first' || stage === 'answered first') afterwards(steps, index);
  if (stage === 'sent') {
    steps.add(`api answers client ${index}`, (after) => {
      at(after.apis, index).stage = 'none';
      answer(after, index);
    });
  }
  if (stage === 'none') return;
  steps.fault('api crash', `api crashes with the request of client ${index}`, (after) => {
    const client = at(after.clients, index);
    at(after.apis, index).stage = 'none';
    if (client.stage === 'posting') client.stage = 'failed';
  });
};

const client = (steps: Steps, index: number): void => {
  const { stage, again } = at(steps.world.clients, index);
  const mayPost = stage === 'idle' || (stage === 'failed' && again > 0);
  if (!mayPost || at(steps.world.apis, index).stage !== 'none') return;
  steps.add(`client ${index} posts`, (after) => {
    const posting = at(after.clients, index);
    if (posting.stage === 'failed') posting.again -= 1;
    posting.stage = 'posting';
    Object.assign(at(after.apis, index), { stage: 'received', job: -1 });
  });
};

const owner = (steps: Steps, job: number): void => {
  const record = at(steps.world.store.jobs, job);
  if (record.status === 'none' || record.status === 'expired') return;
  steps.extra('acts', `CANCEL of job ${job}`, (_, turn) => void turn.call({ script: 'cancel', job }));
  steps.extra('acts', `RETRY of job ${job}`, (after, turn) => {
    const { word, publication = 0 } = turn.call({ script: 'retry', job });
    if (word === 'OK') publish(after, job, publication);
  });
  steps.extra('acts', `RETRY of job ${job}, the api crashes before it publishes`, (_, turn) => {
    return turn.call({ script: 'retry', job }).word === 'OK';
  });
  if (isOpen(record) || isEnded(record)) {
    steps.extra('acts', `SETTLE of job ${job}`, (_, turn) => void turn.call({ script: 'settle', job }));
  }
  steps.extra('acts', `EXPIRE of job ${job}`, (after, turn) => {
    const expiring = at(after.store.jobs, job);
    if (isEnded(expiring)) {
      expiring.expiryOver = true;
      turn.pass('retention', job);
    }
    turn.call({ script: 'expire', job });
  });
};

export const nextOfClients = (steps: Steps): void => {
  steps.world.clients.forEach((_, index) => {
    client(steps, index);
    request(steps, index);
  });
  if (steps.world.acts > 0) steps.world.store.jobs.forEach((_, job) => owner(steps, job));
};
