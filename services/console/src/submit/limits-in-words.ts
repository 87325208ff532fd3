/** What a field takes, said before somebody gets it wrong. */
import { count } from '../ui/format.ts';
import type { NumberField, TextField } from './field.ts';

const range = (least: string | undefined, most: string | undefined): string | undefined => {
  if (least !== undefined && most !== undefined) return `${least} to ${most}`;
  if (least !== undefined) return `${least} or more`;
  return most === undefined ? undefined : `${most} or less`;
};

const countOrNothing = (value: number | undefined): string | undefined =>
  value === undefined ? undefined : count(value);

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
    above === undefined ? undefined : `more than ${count(above)}`,
    below === undefined ? undefined : `less than ${count(below)}`,
  ].filter((limit) => limit !== undefined);
  return limits.length === 0 ? undefined : `${kind}, ${limits.join(', ')}.`;
};

export const textLimits = ({ minLength, maxLength, pattern }: TextField): string | undefined => {
  const least = minLength > 1 ? count(minLength) : undefined;
  const most = countOrNothing(maxLength);
  const length = least === undefined && most !== undefined ? `Up to ${most}` : range(least, most);
  const parts = [
    length === undefined ? undefined : `${length} characters`,
    pattern === undefined ? undefined : `${length === undefined ? 'Of' : 'of'} the form ${pattern}`,
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? undefined : `${parts.join(', ')}.`;
};
