import { expect, test } from 'vitest';
import { parseLabels } from './parse-labels.ts';

test('labels are read one a line, with a colon or an equals sign', () => {
  const { labels, faults } = parseLabels('team: Größe & Co\n\n run=7 \nurl: http://a/b');
  expect(labels).toEqual({ team: 'Größe & Co', run: '7', url: 'http://a/b' });
  expect(faults).toEqual([]);
});

test('a line that is no label is refused, and said which', () => {
  const { labels, faults } = parseLabels('fine: yes\nnonsense\nkey with spaces: x');
  expect(labels).toEqual({ fine: 'yes' });
  expect(faults.map(({ pointer, detail }) => `${pointer} ${detail.split(' is')[0] ?? ''}`)).toEqual([
    '/labels "nonsense"',
    '/labels "key with spaces: x"',
  ]);
});
