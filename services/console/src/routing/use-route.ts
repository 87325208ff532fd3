import { useEffect, useState } from 'preact/hooks';
import { parseRoute, type Route } from './route.ts';

const current = (): Route => parseRoute(globalThis.location.hash);

export const useRoute = (): Route => {
  const [route, setRoute] = useState(current);
  useEffect(() => {
    const change = (): void => setRoute(current());
    addEventListener('hashchange', change);
    return () => removeEventListener('hashchange', change);
  }, []);
  return route;
};

export const goTo = (href: string): void => {
  globalThis.location.hash = href;
};
