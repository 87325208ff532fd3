/** What docs/errors.md says of each error, as HTML: its causes and what to do. Of Markdown it knows what that page has there: paragraphs, code, links. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { escapeHtml } from './page.ts';

/** As far from the sources as from what is compiled; the api's image has it in the same place. */
const guideFile = join(import.meta.dirname, '../../../../docs/errors.md');

/** `## code`, the status, and the text up to the next heading. */
const sectionPattern = /^## (\S+)\n\*\*\d{3}\.\*\* ([^]*?)(?=\n#|$(?![^]))/gm;

/** Other pages of the docs are not served: a link to one becomes its words. */
const withoutLinks = (text: string): string => text.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1');

const withCode = (html: string): string => html.replaceAll(/`([^`]*)`/g, '<code>$1</code>');

const renderParagraph = (text: string): string =>
  `<p>${withCode(escapeHtml(withoutLinks(text.trim().replaceAll('\n', ' '))))}</p>`;

/** @returns HTML by the error's code. @throws when the file is not there. */
export const readErrorGuide = (): ReadonlyMap<string, string> => {
  const sections = readFileSync(guideFile, 'utf8').matchAll(sectionPattern);
  return new Map(
    Array.from(sections, ([, code = '', text = '']) => [
      code,
      text.trim().split('\n\n').map(renderParagraph).join('\n'),
    ]),
  );
};
