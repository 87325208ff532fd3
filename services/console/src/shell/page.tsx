/** A page's heading and body. The heading takes the focus when the page is come to by a link, so that reading goes on there. */
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { usePageTitle } from './use-page-title.ts';

export interface PageProps {
  title: string;
  /** Beside the heading. */
  aside?: ComponentChildren;
  /** In place of the title as text. */
  heading?: ComponentChildren;
  children: ComponentChildren;
}

/** The page that is opened first leaves the focus where the browser puts it. */
let isFirst = true;

/** Somebody was elsewhere before: the page that comes now takes the focus. */
export const expectFocus = (): void => {
  isFirst = false;
};

export const Page = ({ title, heading, aside, children }: PageProps) => {
  usePageTitle(title);
  const element = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (!isFirst) element.current?.focus({ preventScroll: true });
    isFirst = false;
  }, []);
  return (
    <main id="main" class="page" tabIndex={-1}>
      <header class="page-head">
        <h1 ref={element} tabIndex={-1}>
          {heading ?? title}
        </h1>
        {aside}
      </header>
      {children}
    </main>
  );
};
