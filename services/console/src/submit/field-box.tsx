/** A field of any kind, and the ones that hold others. */
import { assertNever } from '@factorial/core/errors/assert-never';
import { Icon } from '../ui/icon.tsx';
import { keepFocus } from '../ui/keep-focus.ts';
import { asParts, childPointer, startDraft } from './draft.ts';
import { Faults } from './field-frame.tsx';
import type { Draft, Field, GroupField, ListField } from './field.ts';
import type { PlacedFaults } from './place-faults.ts';
import { BooleanBox, type BoxProps, ChoiceBox, idOf, JsonBox, NumberBox, TextBox } from './simple-boxes.tsx';

export interface FieldBoxProps<Kind extends Field = Field> extends Omit<BoxProps<Kind>, 'faults'> {
  placed: PlacedFaults;
}

const ownFaults = ({ placed, pointer }: Pick<FieldBoxProps, 'placed' | 'pointer'>): readonly string[] =>
  placed.get(pointer) ?? [];

/** The parts of a group, without a frame around them. */
export const GroupParts = ({ field, draft, pointer, placed, onDraft }: FieldBoxProps<GroupField>) => {
  const parts = asParts(draft);
  return (
    <>
      {field.fields.map(({ name, field: part }) => (
        <FieldBox
          key={name}
          field={part}
          draft={parts[name] ?? startDraft(part)}
          pointer={childPointer(pointer, name)}
          placed={placed}
          onDraft={(changed) => onDraft({ ...parts, [name]: changed })}
        />
      ))}
    </>
  );
};

const GroupBox = (props: FieldBoxProps<GroupField>) => (
  <fieldset class="field field-group" id={idOf(props.pointer)} tabIndex={-1}>
    <legend>
      {props.field.label}
      {!props.field.isRequired && <span class="optional"> optional</span>}
    </legend>
    {props.field.description !== undefined && <p class="hint">{props.field.description}</p>}
    <GroupParts {...props} />
    <Faults id={`${idOf(props.pointer)}-fault`} faults={ownFaults(props)} />
  </fieldset>
);

const ListBox = ({ field, draft, pointer, placed, onDraft }: FieldBoxProps<ListField>) => {
  const items = Array.isArray(draft) ? draft : [];
  const isFull = field.maxItems !== undefined && items.length >= field.maxItems;
  const change = (index: number, changed: Draft): void => onDraft(items.with(index, changed));
  const remove = (index: number): void => {
    onDraft(items.filter((_, other) => other !== index));
    keepFocus();
  };
  return (
    <fieldset class="field field-group" id={idOf(pointer)} tabIndex={-1}>
      <legend>
        {field.label}
        {!field.isRequired && <span class="optional"> optional</span>}
      </legend>
      {field.description !== undefined && <p class="hint">{field.description}</p>}
      {items.map((item, index) => (
        // An item is nothing but its place and its value.
        // oxlint-disable-next-line react/no-array-index-key
        <div key={index} class="list-item">
          <FieldBox
            field={{ ...field.item, label: `${field.item.label} ${index + 1}` }}
            draft={item}
            pointer={childPointer(pointer, index)}
            placed={placed}
            onDraft={(changed) => change(index, changed)}
          />
          <button type="button" class="button button-icon" onClick={() => remove(index)}>
            <Icon name="minus" />
            <span class="visually-hidden">{`Remove ${field.item.label} ${index + 1}`}</span>
          </button>
        </div>
      ))}
      <button
        type="button"
        class="button"
        disabled={isFull}
        onClick={() => onDraft([...items, startDraft(field.item)])}
      >
        <Icon name="plus" /> Add to {field.label}
      </button>
      <Faults id={`${idOf(pointer)}-fault`} faults={ownFaults({ placed, pointer })} />
    </fieldset>
  );
};

export const FieldBox = (props: FieldBoxProps) => {
  const { field, ...rest } = props;
  const faults = ownFaults(props);
  switch (field.kind) {
    case 'text':
      return <TextBox {...rest} field={field} faults={faults} />;
    case 'number':
      return <NumberBox {...rest} field={field} faults={faults} />;
    case 'boolean':
      return <BooleanBox {...rest} field={field} faults={faults} />;
    case 'choice':
      return <ChoiceBox {...rest} field={field} faults={faults} />;
    case 'json':
      return <JsonBox {...rest} field={field} faults={faults} />;
    case 'list':
      return <ListBox {...rest} field={field} />;
    case 'group':
      return <GroupBox {...rest} field={field} />;
    default:
      return assertNever(field);
  }
};
