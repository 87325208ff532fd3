import { useEffect, useState } from 'preact/hooks';
import { useAnnounce } from '../shell/announcer.tsx';
import { copyText } from './copy-text.ts';
import { Icon } from './icon.tsx';

export interface CopyButtonProps {
  /** What is copied, for the label: "Copy id". */
  what: string;
  text: string;
  /** Without its word, which is read out all the same. */
  isSmall?: boolean;
}

const shownMs = 2_000;

export const CopyButton = ({ what, text, isSmall = false }: CopyButtonProps) => {
  const announce = useAnnounce();
  const [outcome, setOutcome] = useState<'Copied' | 'Not copied'>();
  useEffect(() => {
    if (outcome === undefined) return undefined;
    const timer = setTimeout(() => setOutcome(undefined), shownMs);
    return () => clearTimeout(timer);
  }, [outcome]);
  const copy = async (): Promise<void> => {
    const words = (await copyText(text)) ? 'Copied' : 'Not copied';
    setOutcome(words);
    announce(`${words}: ${what}`);
  };
  return (
    <button type="button" class={`button ${isSmall ? 'button-icon' : ''}`} onClick={() => void copy()}>
      <Icon name={outcome === 'Copied' ? 'done' : 'copy'} />
      <span class={isSmall ? 'visually-hidden' : ''}>{outcome ?? `Copy ${what}`}</span>
    </button>
  );
};
