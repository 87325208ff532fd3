/** Colour, where somebody looks at it and wants it (https://no-color.org). */
import type { Cli, Output } from './cli.ts';

const codes = { red: 31, green: 32, yellow: 33, dim: 2 } as const;
const sequence = (code: number): string => `\u001b[${code}m`;
/** All that `Paint` puts around text. */
export const colourSequences = [0, ...Object.values(codes)].map(sequence);
export type Colour = keyof typeof codes;
export type Paint = (text: string, colour: Colour) => string;

export const createPaint = ({ env }: Pick<Cli, 'env'>, output: Output): Paint => {
  const wanted = output.isTTY === true && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
  return (text, colour) => (wanted ? `${sequence(codes[colour])}${text}${sequence(0)}` : text);
};
