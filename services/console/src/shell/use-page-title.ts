import { useEffect } from 'preact/hooks';

export const usePageTitle = (title: string): void => {
  useEffect(() => {
    document.title = `${title} · factorial`;
  }, [title]);
};
