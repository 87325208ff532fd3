/** For admins: messages that nobody could work on. */
import { useState } from 'preact/hooks';
import { Page } from '../shell/page.tsx';
import { Empty } from '../ui/empty.tsx';
import { BusyButton } from '../ui/busy-button.tsx';
import { Fault } from '../ui/fault.tsx';
import { counted } from '../ui/format.ts';
import { Skeleton } from '../ui/skeleton.tsx';
import { useNow } from '../ui/use-now.ts';
import { LetterActions } from './letter-actions.tsx';
import { LetterItem } from './letter-item.tsx';
import { type Letters, useLetters } from './use-letters.ts';

interface ListProps {
  letters: Letters;
  onOutcome: (outcome: string | undefined) => Promise<void>;
}

const List = ({ letters: read, onOutcome }: ListProps) => {
  const { letters = [], nextPageToken, isBusy, more, uncollected } = read;
  const now = useNow(10_000);
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set());
  const chosen = letters.map(({ id }) => id).filter((id) => ticked.has(id));
  const choose = (id: string, isChosen: boolean): void =>
    setTicked(new Set(isChosen ? [...ticked, id] : [...ticked].filter((other) => other !== id)));
  const isAll = chosen.length === letters.length;
  const toggleAll = (): void => setTicked(new Set(isAll ? [] : letters.map(({ id }) => id)));
  return (
    <section class="card letters" aria-label="Dead letters">
      <div class="letters-head">
        <button type="button" class="button" aria-pressed={isAll} onClick={toggleAll}>
          {isAll ? 'Untick all' : 'Tick all'}
        </button>
        <span class="numbers">
          {counted(letters.length, 'letter')}
          {nextPageToken !== undefined && ' so far'}, {chosen.length} ticked
        </span>
        <LetterActions chosen={chosen} onOutcome={onOutcome} />
      </div>
      {uncollected > 0 && (
        <p class="hint">
          {counted(uncollected, 'further letter')} in the broker: there is room for them here when others are
          gone.
        </p>
      )}
      <ul class="letter-list">
        {letters.map((letter) => (
          <LetterItem
            key={letter.id}
            letter={letter}
            isChosen={ticked.has(letter.id)}
            choose={(isChosen) => choose(letter.id, isChosen)}
            now={now}
          />
        ))}
      </ul>
      {nextPageToken !== undefined && (
        <BusyButton isBusy={isBusy} onClick={() => void more()}>
          Show more
        </BusyButton>
      )}
    </section>
  );
};

export const DeadLettersPage = () => {
  const letters = useLetters();
  const [outcome, setOutcome] = useState<string>();
  const reload = (): void => void letters.reload();
  const finish = async (words: string | undefined): Promise<void> => {
    setOutcome(words);
    await letters.reload();
  };
  return (
    <Page
      title="Dead letters"
      aside={
        <BusyButton isBusy={letters.isBusy} onClick={reload}>
          Look again
        </BusyButton>
      }
    >
      {outcome !== undefined && <p class="outcome">{outcome}</p>}
      {letters.error && <Fault error={letters.error} retry={reload} />}
      {letters.letters === undefined && !letters.error && (
        <Skeleton lines={6} label="Dead letters are loading" />
      )}
      {letters.letters?.length === 0 && (
        <Empty icon="letter" title="No dead letters">
          <p>A message that no worker can make sense of, or that was given back too often, would be here.</p>
        </Empty>
      )}
      {letters.letters !== undefined && letters.letters.length > 0 && (
        <List letters={letters} onOutcome={finish} />
      )}
    </Page>
  );
};
