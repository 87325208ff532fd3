/** A job's input on one line, for telling jobs apart in a list. */
const longest = 80;

const plain = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''));

const entries = (input: object): string =>
  Object.entries(input)
    .map(([name, value]) => `${name} ${plain(value)}`)
    .join(', ');

export const inputSummary = (input: unknown): string => {
  const isParts = typeof input === 'object' && input !== null && !Array.isArray(input);
  const text = (isParts ? entries(input) : plain(input)).replaceAll(/\s+/g, ' ');
  return text.length > longest ? `${text.slice(0, longest - 1)}…` : text;
};
