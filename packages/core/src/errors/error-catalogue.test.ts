import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { errorCatalogue } from './error-catalogue.ts';

/** `## code` headings of docs/errors.md with the status that the section begins with. */
const documented = (): Record<string, number> => {
  const page = readFileSync(`${import.meta.dirname}/../../../../docs/errors.md`, 'utf8');
  const sections = [...page.matchAll(/^## (\S+)\n\*\*(\d{3})\.\*\*/gm)];
  return Object.fromEntries(sections.map(([, code, status]) => [String(code), Number(status)]));
};

test('every code has a section in docs/errors.md with its status, and every section a code', () => {
  const catalogued = Object.fromEntries(
    Object.entries(errorCatalogue).map(([code, { status }]) => [code, status]),
  );
  expect(documented()).toEqual(catalogued);
});
