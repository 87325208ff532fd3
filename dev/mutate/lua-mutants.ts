/** Breaks the branches of a Lua script one at a time: each condition once always true, once always false. */

export interface Mutant {
  file: string;
  /** 1-based. */
  line: number;
  condition: string;
  becomes: 'true' | 'false';
  source: string;
}

const condition = /\bif (.+?) then\b/;

export const luaMutants = (file: string, source: string): Mutant[] => {
  const lines = source.split('\n');
  return lines.flatMap((text, index) => {
    const found = condition.exec(text)?.[1];
    if (found === undefined || text.trimStart().startsWith('--')) return [];
    return (['true', 'false'] as const).map((becomes) => ({
      file,
      line: index + 1,
      condition: found,
      becomes,
      source: lines.with(index, text.replace(found, becomes)).join('\n'),
    }));
  });
};
