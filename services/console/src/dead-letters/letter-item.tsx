import type { DeadLetter } from '../api/schemas.ts';
import { jobHref } from '../routing/route.ts';
import { ago, bytes } from '../ui/format.ts';
import { reasonWords } from './letter-words.ts';

export interface LetterItemProps {
  letter: DeadLetter;
  isChosen: boolean;
  choose: (isChosen: boolean) => void;
  now: number;
}

/** A header carries no line breaks: what stands for one is no letter to show. */
const readable = (text: string): string => text.replaceAll(/\s*\uFFFD\s*/g, ' ');

const Facts = ({ letter, now }: Pick<LetterItemProps, 'letter' | 'now'>) => (
  <p class="hint letter-facts">
    <span>Pool {letter.pool}</span>
    <span class="numbers">{bytes(letter.bytes)}</span>
    {letter.deadAt !== undefined && (
      <time class="numbers" datetime={letter.deadAt} title={new Date(letter.deadAt).toLocaleString()}>
        {ago(Date.parse(letter.deadAt), now)}
      </time>
    )}
    {letter.jobId !== undefined && (
      <a class="mono letter-job" href={jobHref(letter.jobId)}>
        {letter.jobId}
      </a>
    )}
    {!letter.redrivable && <span>cannot be redriven: it is not kept whole</span>}
  </p>
);

export const LetterItem = ({ letter, isChosen, choose, now }: LetterItemProps) => (
  <li class="letter">
    <label class="tick letter-tick">
      <input
        type="checkbox"
        checked={isChosen}
        onInput={({ currentTarget }) => choose(currentTarget.checked)}
      />
      <span class="letter-reason">{reasonWords(letter.reason)}</span>
    </label>
    <div class="letter-body">
      {letter.detail !== '' && <p class="letter-detail">{readable(letter.detail)}</p>}
      <code class="letter-preview mono">{letter.preview}</code>
      <Facts letter={letter} now={now} />
    </div>
  </li>
);
