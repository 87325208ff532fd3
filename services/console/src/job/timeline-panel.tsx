import type { Job } from '../api/schemas.ts';
import { duration, timeOfDay } from '../ui/format.ts';
import { Icon } from '../ui/icon.tsx';
import { useNow } from '../ui/use-now.ts';
import type { Story } from './story.ts';
import { type Step, timelineOf } from './timeline.ts';

const distance = (ms: number): string => (ms < 50 ? 'at once' : `after ${duration(ms / 1_000)}`);

const StepItem = ({ step, now }: { step: Step; now: number }) => (
  <li class={`step step-${step.icon}`}>
    <span class="step-mark">
      <Icon name={step.icon} />
    </span>
    <div>
      <p class="step-title">{step.title}</p>
      {step.detail !== '' && <p class="step-detail">{step.detail}</p>}
      <p class="step-time numbers">
        <time datetime={new Date(step.atMs).toISOString()}>{timeOfDay(step.atMs, now)}</time>
        {step.afterMs !== undefined && ` · ${distance(step.afterMs)}`}
      </p>
    </div>
  </li>
);

export const TimelinePanel = ({ job, story }: { job: Job; story: Story }) => {
  const now = useNow(60_000);
  return (
    <section class="card panel" aria-labelledby="timeline">
      <h2 id="timeline">Timeline</h2>
      <ol class="steps">
        {timelineOf(job, story).map((step) => (
          <StepItem key={`${step.atMs} ${step.title}`} step={step} now={now} />
        ))}
      </ol>
    </section>
  );
};
