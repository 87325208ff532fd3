/** When what had the focus is gone, the page takes it: by keyboard one would begin at the top of everything. */
export const keepFocus = (): void => {
  // After the page has been drawn anew.
  setTimeout(() => {
    if (document.activeElement && document.activeElement !== document.body) return;
    document.querySelector<HTMLElement>('#main')?.focus({ preventScroll: true });
  }, 50);
};
