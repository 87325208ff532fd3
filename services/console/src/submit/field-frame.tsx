/** Around each box of a form: its label, its description, its faults, and the attributes that tie them together. */
import type { ComponentChildren } from 'preact';
import { Icon } from '../ui/icon.tsx';

export interface BoxAttributes {
  id: string;
  'aria-describedby': string | undefined;
  'aria-invalid': boolean;
  'aria-required': boolean;
}

export interface FieldFrameProps {
  /** Unique on the page. */
  id: string;
  label: string;
  isRequired: boolean;
  /** Description and limits. */
  hints: readonly (string | undefined)[];
  faults: readonly string[];
  children: (attributes: BoxAttributes) => ComponentChildren;
}

export const Faults = ({ id, faults }: { id: string; faults: readonly string[] }) => (
  <div id={id}>
    {faults.map((fault) => (
      <p key={fault} class="field-fault">
        <Icon name="failed" /> {fault}
      </p>
    ))}
  </div>
);

export const FieldFrame = ({ id, label, isRequired, hints, faults, children }: FieldFrameProps) => {
  const shown = hints.filter((hint) => hint !== undefined && hint !== '');
  const described = [
    ...(shown.length > 0 ? [`${id}-hint`] : []),
    ...(faults.length > 0 ? [`${id}-fault`] : []),
  ];
  return (
    <div class="field">
      <label htmlFor={id}>
        {label}
        {!isRequired && <span class="optional"> optional</span>}
      </label>
      {shown.length > 0 && (
        <p class="hint" id={`${id}-hint`}>
          {shown.join(' ')}
        </p>
      )}
      {children({
        id,
        'aria-describedby': described.length > 0 ? described.join(' ') : undefined,
        'aria-invalid': faults.length > 0,
        'aria-required': isRequired,
      })}
      {faults.length > 0 && <Faults id={`${id}-fault`} faults={faults} />}
    </div>
  );
};
