/** What the runs of a job have logged, attempt by attempt. */
import { CopyButton } from '../ui/copy-button.tsx';
import { Scroll } from './scroll.tsx';
import type { LogPart } from './story.ts';

const cutNote = '… more was logged than is kept here.\n';

const textOf = (log: readonly LogPart[]): string =>
  log
    .map(({ attempt, text, isCut }) => {
      const head = log.length > 1 ? `── attempt ${attempt} ──\n` : '';
      return `${head}${text}${isCut ? cutNote : ''}`;
    })
    .join('');

export const LogPanel = ({ log }: { log: readonly LogPart[] }) => {
  const text = textOf(log);
  if (text === '') return null;
  return (
    <section class="card panel">
      <div class="panel-head">
        <h2>Log</h2>
        <CopyButton what="log" text={text} />
      </div>
      <Scroll label="Log" text={text} follows wraps />
    </section>
  );
};
