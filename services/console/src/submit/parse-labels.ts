/** Labels as somebody types them: one a line, `key: value` or `key=value`. */
import type { FieldFault } from '../api/schemas.ts';

export interface ParsedLabels {
  labels: Readonly<Record<string, string>>;
  faults: readonly FieldFault[];
}

const line = /^([\w./-]{1,63})\s*[:=]\s*(.{0,255})$/s;

export const labelsPointer = '/labels';

export const parseLabels = (text: string): ParsedLabels => {
  const lines = text
    .split('\n')
    .map((one) => one.trim())
    .filter((one) => one !== '');
  const matched = lines.map((one) => ({ one, match: line.exec(one) }));
  return {
    labels: Object.fromEntries(
      matched.flatMap(({ match }) => (match ? [[match[1] ?? '', match[2] ?? ''] as const] : [])),
    ),
    faults: matched
      .filter(({ match }) => !match)
      .map(({ one }) => ({
        pointer: labelsPointer,
        detail: `"${one.slice(0, 40)}" is no label: write key: value, the key of letters, digits and _ . / -`,
      })),
  };
};
