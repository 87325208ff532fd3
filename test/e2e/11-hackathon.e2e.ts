/** The crowd that this is made for, against the chart as it is installed. */
import { beforeAll, expect, test } from 'vitest';
import { ensureRelease, podsOf, type Release, repository } from './cluster/release.ts';
import { run } from './cluster/run.ts';

let release: Release;
beforeAll(async () => {
  release = await ensureRelease('default');
});

const restarts = async (): Promise<Record<string, number>> =>
  Object.fromEntries(
    (await podsOf(release.kubectl)).map(({ metadata, status }) => [
      metadata.name,
      status.containerStatuses.reduce((sum, { restartCount }) => sum + restartCount, 0),
    ]),
  );

test('serves 500 users: no error, nothing lost, every result right, no pod restarted', async () => {
  const before = await restarts();
  const { stdout } = await run('make', ['--silent', '-C', repository, 'loadtest', 'SCENARIO=hackathon'], {
    timeoutMs: 280_000,
    env: { BASE_URL: release.apiUrl, TOKEN: release.token, USERS: '500' },
  });
  console.log(stdout.split('\n').slice(-40).join('\n'));
  for (const [pod, count] of Object.entries(await restarts())) expect(count, pod).toBe(before[pod] ?? 0);
});
