/** Text of others, that of tasks above all, as a terminal may have it: nothing in it moves the cursor, sets the title or writes to the clipboard. */
import { StringDecoder } from 'node:string_decoder';
import { Transform } from 'node:stream';
import type { Output } from './cli.ts';
import { colourSequences } from './paint.ts';

const command = /\p{Cc}/gu;
const layout = new Set(['\n', '\t']);

const isColour = (text: string, at: number): boolean =>
  colourSequences.some((sequence) => text.startsWith(sequence, at));

/** Lines and tabs are no commands, and the colours that we put around text stay. */
const withoutCommands = (text: string): string =>
  text
    .replaceAll('\r\n', '\n')
    .replaceAll(command, (character: string, at: number, whole: string) =>
      layout.has(character) || isColour(whole, at) ? character : '\ufffd',
    );

/** A file or a program gets every byte. */
export const forTerminal = ({ isTTY }: Pick<Output, 'isTTY'>, text: string): string =>
  isTTY === true ? withoutCommands(text) : text;

/** The same for a stream of bytes. */
export const createTerminalFilter = (): Transform => {
  const decoder = new StringDecoder('utf8');
  return new Transform({
    transform: (chunk: Buffer, _encoding, done) => done(null, withoutCommands(decoder.write(chunk))),
    flush: (done) => done(null, withoutCommands(decoder.end())),
  });
};
