import { expect, test } from 'vitest';
import { createJobSocket } from './job-socket.ts';
import { pause } from './pause.ts';

test('a socket that is closed while it waits for its ticket is never opened', async () => {
  const ticket = Promise.withResolvers<string>();
  let isOpened = false;
  const socket = createJobSocket({
    ticket: async () => ticket.promise,
    open: () => {
      isOpened = true;
      throw new Error('nobody is there');
    },
    random: () => 0,
    onEvent: () => undefined,
    onState: () => undefined,
  });
  socket.close();
  ticket.resolve('a ticket');
  await pause(0, new AbortController().signal);
  expect(isOpened).toBe(false);
});
