/** What a field takes, said before somebody gets it wrong. */
import { exactly } from '../ui/format.ts';
import type { NumberField, TextField } from './field.ts';

const range = (least: string | undefined, most: string | undefined): string | undefined => {
  if (least !== undefined && most !== undefined) return `${least} to ${most}`;
  if (least !== undefined) return `at least ${least}`;
  return most === undefined ? undefined : `at most ${most}`;
};

const countOrNothing = (value: number | undefined): string | undefined =>
  value === undefined ? undefined : exactly(value);

export const numberLimits = ({
  isInteger,
  minimum,
  maximum,
  above,
  below,
}: NumberField): string | undefined => {
  const kind = isInteger ? 'Whole number' : 'Number';
  const limits = [
    range(countOrNothing(minimum), countOrNothing(maximum)),
    above === undefined ? undefined : `more than ${exactly(above)}`,
    below === undefined ? undefined : `less than ${exactly(below)}`,
  ].filter((limit) => limit !== undefined);
  return limits.length === 0 ? undefined : `${kind}, ${limits.join(', ')}.`;
};

const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

export const textLimits = ({ minLength, maxLength, pattern }: TextField): string | undefined => {
  const least = minLength > 1 ? exactly(minLength) : undefined;
  const most = countOrNothing(maxLength);
  const length = range(least, most);
  const parts = [
    length === undefined ? undefined : `${length} characters`,
    pattern === undefined ? undefined : `of the form ${pattern}`,
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? undefined : `${capitalised(parts.join(', '))}.`;
};
