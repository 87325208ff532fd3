/** Boxes for one value each. */
import { FieldFrame } from './field-frame.tsx';
import type { BooleanField, ChoiceField, Draft, Field, JsonField, NumberField, TextField } from './field.ts';
import { numberLimits, textLimits } from './limits-in-words.ts';

export interface BoxProps<Kind extends Field> {
  field: Kind;
  draft: Draft;
  pointer: string;
  faults: readonly string[];
  onDraft: (draft: Draft) => void;
}

export const idOf = (pointer: string): string => `field${pointer}`;

const textOf = (draft: Draft): string => (typeof draft === 'string' ? draft : '');

export const TextBox = ({ field, draft, pointer, faults, onDraft }: BoxProps<TextField>) => (
  <FieldFrame {...field} id={idOf(pointer)} hints={[field.description, textLimits(field)]} faults={faults}>
    {(attributes) =>
      field.isLong ? (
        <textarea
          {...attributes}
          rows={4}
          value={textOf(draft)}
          onInput={({ currentTarget }) => onDraft(currentTarget.value)}
        />
      ) : (
        <input
          {...attributes}
          type="text"
          value={textOf(draft)}
          onInput={({ currentTarget }) => onDraft(currentTarget.value)}
        />
      )
    }
  </FieldFrame>
);

/** A text box: number boxes of browsers change what was typed when somebody scrolls, and hide what they do not take. */
export const NumberBox = ({ field, draft, pointer, faults, onDraft }: BoxProps<NumberField>) => (
  <FieldFrame {...field} id={idOf(pointer)} hints={[field.description, numberLimits(field)]} faults={faults}>
    {(attributes) => (
      <input
        {...attributes}
        type="text"
        inputMode={field.isInteger ? 'numeric' : 'decimal'}
        autocomplete="off"
        value={textOf(draft)}
        onInput={({ currentTarget }) => onDraft(currentTarget.value)}
      />
    )}
  </FieldFrame>
);

export const BooleanBox = ({ field, draft, pointer, faults, onDraft }: BoxProps<BooleanField>) => {
  const id = idOf(pointer);
  const hint = [field.description ?? '', ...faults].join(' ').trim();
  return (
    <div class="field">
      <label class="tick">
        <input
          id={id}
          type="checkbox"
          checked={draft === true}
          aria-describedby={hint === '' ? undefined : `${id}-hint`}
          onInput={({ currentTarget }) => onDraft(currentTarget.checked)}
        />
        {field.label}
      </label>
      {hint !== '' && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
};

const optionText = (option: unknown): string =>
  typeof option === 'string' ? option : JSON.stringify(option);

export const ChoiceBox = ({ field, draft, pointer, faults, onDraft }: BoxProps<ChoiceField>) => (
  <FieldFrame {...field} id={idOf(pointer)} hints={[field.description]} faults={faults}>
    {(attributes) => (
      <select
        {...attributes}
        value={textOf(draft)}
        onInput={({ currentTarget }) => onDraft(currentTarget.value)}
      >
        {(field.start === '' || !field.isRequired) && <option value="">—</option>}
        {field.options.map((option, index) => (
          <option key={optionText(option)} value={String(index)}>
            {optionText(option)}
          </option>
        ))}
      </select>
    )}
  </FieldFrame>
);

export const JsonBox = ({ field, draft, pointer, faults, onDraft }: BoxProps<JsonField>) => (
  <FieldFrame {...field} id={idOf(pointer)} hints={[field.description, 'As JSON.']} faults={faults}>
    {(attributes) => (
      <textarea
        {...attributes}
        class="mono"
        rows={5}
        spellcheck={false}
        value={textOf(draft)}
        onInput={({ currentTarget }) => onDraft(currentTarget.value)}
      />
    )}
  </FieldFrame>
);
