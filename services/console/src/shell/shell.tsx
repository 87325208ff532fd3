/** What is around every page: the way past it, the name, where one can go, and who one is. */
import type { ComponentChildren } from 'preact';
import type { Route } from '../routing/route.ts';
import { SessionBadge, SessionFoot } from '../session/session-badge.tsx';
import { useMay } from '../session/session-context.ts';
import { Icon, type IconName } from '../ui/icon.tsx';
import { Mark } from './mark.tsx';

interface Entry {
  href: string;
  text: string;
  icon: IconName;
  pages: readonly Route['page'][];
}

const entries: readonly Entry[] = [
  { href: '#/jobs', text: 'Jobs', icon: 'list', pages: ['jobs', 'job'] },
  { href: '#/queue', text: 'Queue', icon: 'chart', pages: ['queue'] },
];
const adminEntries: readonly Entry[] = [
  { href: '#/dead-letters', text: 'Dead letters', icon: 'letter', pages: ['dead-letters'] },
];

/** Not a link to `#main`: that part of the URL names the page. */
const skip = (event: Event): void => {
  event.preventDefault();
  document.querySelector<HTMLElement>('#main')?.focus();
};

const SkipLink = () => (
  <a class="skip-link" href="#main" onClick={skip}>
    Skip to the page
  </a>
);

const Navigation = ({ page }: { page: Route['page'] }) => {
  const shown = useMay('admin') ? [...entries, ...adminEntries] : entries;
  return (
    <nav aria-label="Pages">
      <ul>
        {shown.map(({ href, text, icon, pages }) => (
          <li key={href}>
            <a href={href} aria-current={pages.includes(page) ? 'page' : undefined}>
              <Icon name={icon} /> {text}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
};

export interface ShellProps {
  page: Route['page'];
  signOut: () => void;
  children: ComponentChildren;
}

export const Shell = ({ page, signOut, children }: ShellProps) => (
  <>
    <SkipLink />
    <header class="bar">
      <div class="bar-inner">
        <a class="brand" href="#/jobs">
          <Mark />
          <span>factorial</span>
        </a>
        <Navigation page={page} />
        <SessionBadge signOut={signOut} />
      </div>
    </header>
    {children}
    <footer class="foot">
      <a href="/docs">API reference</a>
      <a href="/docs/errors">Errors</a>
      <a href="/openapi.json">OpenAPI</a>
      <SessionFoot />
    </footer>
  </>
);
