/** A box of text that scrolls, by keyboard too. */
import { useLayoutEffect, useRef } from 'preact/hooks';

export interface ScrollProps {
  label: string;
  text: string;
  wraps?: boolean;
  /** Stays at the end while text is added, unless somebody has scrolled away from it. */
  follows?: boolean;
}

/** So near the end counts as there. */
const nearPixels = 24;

export const Scroll = ({ label, text, wraps = false, follows = false }: ScrollProps) => {
  const box = useRef<HTMLPreElement>(null);
  const isAtEnd = useRef(true);
  useLayoutEffect(() => {
    const element = box.current;
    if (follows && element && isAtEnd.current) element.scrollTop = element.scrollHeight;
  }, [text, follows]);
  const note = (): void => {
    const element = box.current;
    if (element)
      isAtEnd.current = element.scrollHeight - element.scrollTop - element.clientHeight < nearPixels;
  };
  return (
    <pre
      ref={box}
      class={`scroll mono ${wraps ? 'scroll-wraps' : ''}`}
      role="region"
      aria-label={label}
      tabIndex={0}
      onScroll={note}
    >
      {text}
    </pre>
  );
};
