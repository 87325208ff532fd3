import { Duplex } from 'node:stream';
import { connect } from 'amqplib';
import { expect, test } from 'vitest';
import { brokerUrls } from '../testing/broker-urls.ts';
import { gatherWrites, streamOf } from './gather-writes.ts';

/** Counts the writes that reach it. */
const createSink = () => {
  const writes: string[] = [];
  const stream = new Duplex({
    read: () => undefined,
    write: (chunk: Buffer, _encoding, done) => {
      writes.push(chunk.toString());
      done();
    },
    writev: (chunks, done) => {
      writes.push(chunks.map(({ chunk }) => String(chunk)).join(''));
      done();
    },
  });
  return { stream, writes };
};

test('sends what is written in one turn together, and what comes later by itself', async () => {
  const { stream, writes } = createSink();
  gatherWrites(stream);
  stream.write('a');
  stream.write('b');
  await new Promise(setImmediate);
  stream.write('c');
  await new Promise(setImmediate);
  expect(writes).toEqual(['ab', 'c']);
});

test('finds the stream under a real connection', async () => {
  const model = await connect(brokerUrls().amqpUrl);
  expect(streamOf(model.connection)).toBeInstanceOf(Duplex);
  await model.close();
});
