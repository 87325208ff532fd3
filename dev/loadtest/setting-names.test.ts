import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { readSettings } from '../../loadtest/lib/settings.ts';
import { settingNames } from './setting-names.ts';

const namesThatAreRead = (): string[] => {
  const names = new Set<string>();
  const env = new Proxy<Record<string, string>>(
    { BASE_URL: 'http://127.0.0.1', TOKEN: 'secret' },
    {
      get: (target, name) => {
        names.add(String(name));
        return Reflect.get(target, name);
      },
    },
  );
  const defaults = {
    users: 1,
    arriveSeconds: 0,
    lookSeconds: 1,
    submitWithinSeconds: 1,
    resultWithinSeconds: 1,
  };
  readSettings(env, defaults);
  return [...names].sort();
};

it('are those that the settings are read from', () => {
  expect(settingNames.toSorted()).toEqual(namesThatAreRead());
});

it('are those of the table in the README', async () => {
  const text = await readFile(new URL('../../loadtest/README.md', import.meta.url), 'utf8');
  const rows = text.slice(text.indexOf('## Settings'), text.indexOf('Every wait')).split('\n');
  const named = rows.flatMap((row) => (row.split('|')[1] ?? '').match(/[A-Z][A-Z0-9_]+/g) ?? []);
  expect(named.sort()).toEqual(settingNames.toSorted());
});
