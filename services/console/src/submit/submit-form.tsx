/** A new job: its task's own form, and under "More" what all jobs have. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { priorities, type Job, type Task } from '../api/schemas.ts';
import { useAnnounce } from '../shell/announcer.tsx';
import { BusyButton } from '../ui/busy-button.tsx';
import { Fault } from '../ui/fault.tsx';
import { counted } from '../ui/format.ts';
import { FieldBox, GroupParts } from './field-box.tsx';
import { Faults, FieldFrame } from './field-frame.tsx';
import { labelsPointer } from './parse-labels.ts';
import { idOf } from './simple-boxes.tsx';
import { type SubmissionState, useSubmission } from './use-submission.ts';

/** The input's fields; those of an object stand in the form itself. */
const InputFields = ({ field, draft, placed, setDraft }: SubmissionState) => {
  const shared = { draft, pointer: '/input', placed, onDraft: setDraft };
  if (field.kind !== 'group') return <FieldBox {...shared} field={field} />;
  return (
    <>
      <GroupParts {...shared} field={field} />
      <Faults id="field/input-fault" faults={placed.get('/input') ?? []} />
    </>
  );
};

const priorityWords = { high: 'High', normal: 'Normal', low: 'Low' } as const;

const More = (state: SubmissionState) => {
  const faults = state.placed.get(labelsPointer) ?? [];
  const [isOpen, setOpen] = useState(false);
  return (
    <details
      class="more"
      open={isOpen || faults.length > 0}
      onToggle={({ currentTarget }) => setOpen(currentTarget.open)}
    >
      <summary>More</summary>
      <FieldFrame id="field-priority" label="Priority" isRequired hints={[]} faults={[]}>
        {(attributes) => (
          <select
            {...attributes}
            value={state.priority}
            onInput={({ currentTarget }) => state.setPriority(currentTarget.value)}
          >
            {priorities.map((priority) => (
              <option key={priority} value={priority}>
                {priorityWords[priority]}
              </option>
            ))}
          </select>
        )}
      </FieldFrame>
      <FieldFrame
        id={idOf(labelsPointer)}
        label="Labels"
        isRequired={false}
        hints={['To find the job again. One a line, key: value.']}
        faults={faults}
      >
        {(attributes) => (
          <textarea
            {...attributes}
            rows={2}
            value={state.labels}
            onInput={({ currentTarget }) => state.setLabels(currentTarget.value)}
          />
        )}
      </FieldFrame>
      <label class="tick">
        <input
          type="checkbox"
          checked={state.isJson}
          onInput={({ currentTarget }) => state.setJson(currentTarget.checked)}
        />
        Write the input as JSON
      </label>
    </details>
  );
};

/** Where to go on: the first box with a fault, or the frame around a list or a group with one. */
const firstFaulty = (form: HTMLFormElement): HTMLElement | undefined => {
  const field = form.querySelector('.field-fault')?.closest<HTMLElement>('.field');
  return field?.querySelector<HTMLElement>(':scope > [aria-invalid]') ?? field ?? undefined;
};

const useFocusOnFault = (
  placed: SubmissionState['placed'],
  form: { current: HTMLFormElement | null },
): void => {
  const announce = useAnnounce();
  useEffect(() => {
    if (placed.size === 0 || !form.current) return;
    announce(`Not submitted: ${counted(placed.size, 'field')} to mend`);
    firstFaulty(form.current)?.focus();
  }, [placed, form, announce]);
};

/** Enter alone ends a line where there are several. */
const submitOnCtrlEnter = (event: KeyboardEvent): void => {
  const { key, ctrlKey, metaKey, currentTarget: form } = event;
  if (key !== 'Enter' || !(ctrlKey || metaKey) || !(form instanceof HTMLFormElement)) return;
  event.preventDefault();
  form.requestSubmit();
};

const GeneralFault = ({ placed, error }: SubmissionState) => {
  const rest = placed.get('') ?? [];
  if (rest.length > 0) return <Faults id="field-rest" faults={rest} />;
  const isPlaced = placed.size > 0;
  return error !== undefined && !isPlaced ? <Fault error={error} /> : null;
};

export interface SubmitFormProps {
  task: Task;
  onSubmitted: (job: Job) => void;
}

/** For one task: give it the task's name as key. */
export const SubmitForm = ({ task, onSubmitted }: SubmitFormProps) => {
  const state = useSubmission(task);
  const announce = useAnnounce();
  const form = useRef<HTMLFormElement>(null);
  useFocusOnFault(state.placed, form);

  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const job = await state.send();
    if (job === undefined) return;
    announce(`Submitted: ${task.title ?? task.name}`);
    onSubmitted(job);
  };

  return (
    // The keys are those pressed in its fields.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <form
      ref={form}
      class="form"
      noValidate
      onSubmit={(event) => void submit(event)}
      onKeyDown={submitOnCtrlEnter}
    >
      <InputFields {...state} />
      <More {...state} />
      <GeneralFault {...state} />
      <BusyButton isBusy={state.isBusy} look="button-primary button-wide" shortcut="Control+Enter">
        {state.isBusy ? 'Submitting…' : 'Submit'}
      </BusyButton>
    </form>
  );
};
