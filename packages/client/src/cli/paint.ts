/** Colour, where somebody looks at it and wants it (https://no-color.org). */
import type { Cli, Output } from './cli.ts';

const codes = { red: 31, green: 32, yellow: 33, dim: 2 } as const;
export type Colour = keyof typeof codes;
export type Paint = (text: string, colour: Colour) => string;

export const createPaint = ({ env }: Pick<Cli, 'env'>, output: Output): Paint => {
  const wanted = output.isTTY === true && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
  return (text, colour) => (wanted ? `\u001b[${codes[colour]}m${text}\u001b[0m` : text);
};
