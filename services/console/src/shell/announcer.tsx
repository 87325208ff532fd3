/** Says to screen readers what changes on the page without anybody touching it. */
import { createContext, type ComponentChildren } from 'preact';
import { useCallback, useContext, useRef } from 'preact/hooks';

type Announce = (text: string) => void;

const AnnounceContext = createContext<Announce>(() => undefined);

export const useAnnounce = (): Announce => useContext(AnnounceContext);

export const Announcer = ({ children }: { children: ComponentChildren }) => {
  const region = useRef<HTMLDivElement>(null);
  const announce = useCallback((text: string) => {
    const element = region.current;
    if (!element) return;
    // A paragraph each: the same words twice are two announcements.
    element.replaceChildren(Object.assign(document.createElement('p'), { textContent: text }));
  }, []);
  return (
    <AnnounceContext.Provider value={announce}>
      {children}
      <div ref={region} class="visually-hidden" aria-live="polite" />
    </AnnounceContext.Provider>
  );
};
