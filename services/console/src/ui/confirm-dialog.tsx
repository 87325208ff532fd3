/** Asks before something that cannot be taken back. */
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';

export interface ConfirmDialogProps {
  title: string;
  children: ComponentChildren;
  /** What the button says that does it. */
  confirm: string;
  isDangerous?: boolean;
  onConfirm: () => void;
  onClose: () => void;
}

export const ConfirmDialog = ({
  title,
  children,
  confirm,
  isDangerous,
  onConfirm,
  onClose,
}: ConfirmDialogProps) => {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  // The browser keeps the focus inside, closes on Escape, and gives the focus back.
  useEffect(() => dialog.current?.showModal(), []);
  const close = (): void => dialog.current?.close();
  const doIt = (): void => {
    onConfirm();
    close();
  };
  return (
    <dialog ref={dialog} class="dialog" aria-labelledby={id} onClose={onClose}>
      <h2 id={id}>{title}</h2>
      <div class="dialog-text">{children}</div>
      <div class="dialog-buttons">
        <button type="button" class="button" onClick={close}>
          Keep as it is
        </button>
        <button
          type="button"
          class={`button ${isDangerous === true ? 'button-danger' : 'button-primary'}`}
          onClick={doIt}
        >
          {confirm}
        </button>
      </div>
    </dialog>
  );
};
