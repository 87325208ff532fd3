import { expect, it } from 'vitest';
import type { DemoJob } from './demo-client.ts';
import { showJob } from './show-job.ts';

const show = async (jobs: DemoJob[], output = '3628800') => {
  const said: string[] = [];
  const next = async (): Promise<DemoJob> => jobs.shift() ?? { id: 'j', status: 'done' };
  const client = { submit: next, read: next, output: async () => output };
  const shown = showJob({ client, say: (line) => said.push(line), now: () => 0, pauseMs: 0 }, 10);
  return { shown, said };
};

it('shows position, progress, digits and time when the job is done', async () => {
  const { shown, said } = await show([
    { id: 'j', status: 'queued', position: 3, etaSeconds: 1.2 },
    { id: 'j', status: 'processing', progress: { value: 0.5 } },
  ]);
  await shown;
  expect(said).toEqual([
    'job j was accepted in 0 ms',
    'queued, position 3, done in about 2 s',
    'processing [===============               ]  50 %',
    `done [${'='.repeat(30)}] 100 %`,
    '10! = 3628800\n7 digits, in hand after 0.00 s',
  ]);
});

it('says nothing of a moment when the job is the next and done in less than a second', async () => {
  const { shown, said } = await show([{ id: 'j', status: 'queued', position: 0, etaSeconds: 0.4 }]);
  await shown;
  expect(said[1]).toBe('queued, next in line');
});

it('shows only the edges when the number is long', async () => {
  const { shown, said } = await show([], `1${'2'.repeat(98)}3`);
  await shown;
  expect(said.at(-1)).toBe(`10! = 1${'2'.repeat(29)}…${'2'.repeat(29)}3\n100 digits, in hand after 0.00 s`);
});

it('throws what went wrong when the job fails', async () => {
  const { shown } = await show([{ id: 'j', status: 'failed', error: { code: 'x', message: 'no memory' } }]);
  await expect(shown).rejects.toThrow('the job ended as failed: no memory');
});
