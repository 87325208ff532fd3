/** The lines for a shell in a page of the documentation, and what the page says that they print. */

export interface ShellBlock {
  /** Where it begins, for whoever has to mend it. */
  line: number;
  code: string;
  /** What follows it as `json` or `text`; `…` stands for anything. */
  expected?: string;
}

interface Fence {
  line: number;
  language: string;
  text: string;
  /** Nothing but empty lines lies between it and the fence before. */
  follows: boolean;
}

const fencesOf = (markdown: string): Fence[] => {
  const fences: Fence[] = [];
  let endedAt = 0;
  for (const match of markdown.matchAll(/^```(\w+)\n([^]*?)^```$/gm)) {
    const [whole, language = '', text = ''] = match;
    fences.push({
      line: markdown.slice(0, match.index).split('\n').length,
      language,
      text,
      follows: markdown.slice(endedAt, match.index).trim() === '',
    });
    endedAt = match.index + whole.length;
  }
  return fences;
};

/** @param section its heading, where only the blocks below that are meant. */
export const shellBlocksOf = (markdown: string, section?: string): ShellBlock[] => {
  const begins = section === undefined ? 0 : markdown.indexOf(`\n## ${section}\n`);
  if (begins === -1) throw new Error(`there is no section ${String(section)}`);
  const ends = section === undefined ? -1 : markdown.indexOf('\n## ', begins + 1);
  const text = markdown.slice(begins, ends === -1 ? undefined : ends);
  const linesBefore = markdown.slice(0, begins).split('\n').length - 1;
  const fences = fencesOf(text);
  return fences.flatMap(({ line, language, text: code }, index) => {
    if (language !== 'sh') return [];
    const next = fences[index + 1];
    const isAnswer = next?.follows === true && ['json', 'text'].includes(next.language);
    return [{ line: line + linesBefore, code, ...(isAnswer ? { expected: next.text } : {}) }];
  });
};

/** What an expectation fits: white space is all the same, `…` is anything. */
export const patternOf = (expected: string): RegExp => {
  const parts = expected.trim().split('…');
  const escaped = parts.map((part) =>
    part.replaceAll(/\s+/g, ' ').replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`),
  );
  return new RegExp(`^${escaped.join('[^]*?')}$`);
};
