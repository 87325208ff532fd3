/** One question to a TCP server and the first bytes of its answer, to see whether it really serves. */
import { connect } from 'node:net';

/**
 * @param done given the answer so far, says whether that is enough.
 * @returns the answer.
 * @throws when the connection fails or ends before, or after 2 s.
 */
export const exchange = async (
  port: number,
  question: string,
  done: (answer: string) => boolean,
): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' });
    let answer = '';
    socket.setEncoding('latin1').setTimeout(2_000, () => socket.destroy(new Error('no answer')));
    socket.on('connect', () => socket.write(question, 'latin1'));
    socket.on('data', (chunk) => {
      answer += String(chunk);
      if (!done(answer)) return;
      resolve(answer);
      socket.destroy();
    });
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('connection closed')));
  });
