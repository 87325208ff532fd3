/** What a job is, apart from how it goes: its input and the circumstances. */
import type { ComponentChildren } from 'preact';
import type { Job } from '../api/schemas.ts';
import { CopyButton } from '../ui/copy-button.tsx';
import { ago } from '../ui/format.ts';
import { useNow } from '../ui/use-now.ts';
import { Scroll } from './scroll.tsx';

const Fact = ({ name, children }: { name: string; children: ComponentChildren }) => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);

const priorityWords = { high: 'High', normal: 'Normal', low: 'Low' } as const;

const Expiry = ({ expiresAt }: { expiresAt: string }) => {
  const now = useNow(30_000);
  return (
    <time datetime={expiresAt} title={new Date(expiresAt).toLocaleString()}>
      {ago(Date.parse(expiresAt), now)}
    </time>
  );
};

export const FactsPanel = ({ job }: { job: Job }) => (
  <section class="card panel" aria-labelledby="facts">
    <h2 id="facts">About</h2>
    <dl class="facts">
      <Fact name="Id">
        <span class="mono fact-id">{job.id}</span> <CopyButton what="id" text={job.id} isSmall />
      </Fact>
      <Fact name="Task">{job.task}</Fact>
      <Fact name="Attempts">
        <span class="numbers">
          {job.attempt} of {job.maxAttempts}
        </span>
      </Fact>
      <Fact name="Priority">{priorityWords[job.priority]}</Fact>
      {Object.entries(job.labels).map(([key, value]) => (
        <Fact key={key} name={key}>
          <span class="label-chip">{value || '(empty)'}</span>
        </Fact>
      ))}
      {job.expiresAt !== null && (
        <Fact name="Deleted">
          <Expiry expiresAt={job.expiresAt} />
        </Fact>
      )}
    </dl>
  </section>
);

export const InputPanel = ({ job }: { job: Job }) => {
  const text = JSON.stringify(job.input, undefined, 2) ?? '';
  return (
    <section class="card panel">
      <div class="panel-head">
        <h2>Input</h2>
        <CopyButton what="input" text={text} />
      </div>
      <Scroll label="Input" text={text} wraps />
    </section>
  );
};
