/** A button that does nothing while something is under way, and keeps the focus all the same: a disabled one would lose it. */
import type { ComponentChildren } from 'preact';

export interface BusyButtonProps {
  isBusy: boolean;
  children: ComponentChildren;
  /** Besides `button`. */
  look?: string;
  /** Without it the button submits its form. */
  onClick?: () => void;
  shortcut?: string;
}

export const BusyButton = ({ isBusy, look = '', shortcut, onClick, children }: BusyButtonProps) => {
  // A form that is sent by Enter presses its button, too.
  const press = (event: Event): void => {
    if (isBusy) event.preventDefault();
    else onClick?.();
  };
  return (
    <button
      type={onClick === undefined ? 'submit' : 'button'}
      class={`button ${look}`}
      aria-disabled={isBusy}
      aria-keyshortcuts={shortcut}
      onClick={press}
    >
      {children}
    </button>
  );
};
