/** The form's state: what is typed, what is wrong with it, and sending it. */
import { useMemo, useRef, useState } from 'preact/hooks';
import { type ApiError, asApiError } from '../api/api-error.ts';
import type { Job, priorities, Task } from '../api/schemas.ts';
import { useApi } from '../session/session-context.ts';
import { readDraft, startDraft } from './draft.ts';
import type { Draft, Field, JsonField } from './field.ts';
import { labelsPointer, parseLabels } from './parse-labels.ts';
import { placeFaults, type PlacedFaults } from './place-faults.ts';
import { schemaToField } from './schema-to-field.ts';
import { optionalNames, skeletonOf } from './skeleton.ts';
import { submissionKey } from './submission-key.ts';

export interface SubmissionState {
  /** The form's, or a box for all of the input as JSON. */
  field: Field;
  draft: Draft;
  setDraft: (draft: Draft) => void;
  isJson: boolean;
  /** Takes what is typed along. */
  setJson: (isJson: boolean) => void;
  priority: (typeof priorities)[number];
  setPriority: (priority: string) => void;
  labels: string;
  setLabels: (labels: string) => void;
  placed: PlacedFaults;
  error: ApiError | undefined;
  isBusy: boolean;
  /** @returns the job, when it was accepted. */
  send: () => Promise<Job | undefined>;
}

const noFaults: PlacedFaults = new Map();
const otherFields = [labelsPointer];

/** For the whole of what the form asks for. */
const jsonFieldFor = (form: Field): JsonField => {
  const optional = optionalNames(form);
  const description = optional.length === 0 ? undefined : `May be left out: ${optional.join(', ')}.`;
  return { kind: 'json', label: 'Input', description, isRequired: true, start: '{}' };
};

export const useSubmission = (task: Task): SubmissionState => {
  const api = useApi();
  const form = useMemo(() => schemaToField(task.input), [task]);
  const [isJson, setJson] = useState(false);
  const field = isJson ? jsonFieldFor(form) : form;
  const [draft, setDraft] = useState(() => startDraft(form));
  const [priority, setPriority] = useState<(typeof priorities)[number]>('normal');
  const [labels, setLabels] = useState('');
  const [placed, setPlaced] = useState(noFaults);
  const [error, setError] = useState<ApiError>();
  const [isBusy, setBusy] = useState(false);
  /** Kept for the next try when nobody knows whether the last one arrived. */
  const key = useRef({ body: '', key: '' });

  const keyFor = (submission: object): string => {
    const body = JSON.stringify(submission);
    if (key.current.body !== body) key.current = { body, key: submissionKey() };
    return key.current.key;
  };

  const refuse = (thrown: unknown): undefined => {
    const refusal = asApiError(thrown);
    setPlaced(placeFaults(field, refusal.errors, otherFields));
    setError(refusal);
    return undefined;
  };

  const send = async (): Promise<Job | undefined> => {
    if (isBusy) return undefined;
    const input = readDraft({ field, draft, pointer: '/input' });
    const parsed = parseLabels(labels);
    const faults = [...input.faults, ...parsed.faults];
    setPlaced(placeFaults(field, faults, otherFields));
    setError(undefined);
    if (faults.length > 0) return undefined;
    const submission = { task: task.name, input: input.value, priority, labels: parsed.labels };
    setBusy(true);
    try {
      const job = await api.submit(submission, keyFor(submission));
      key.current = { body: '', key: '' };
      return job;
    } catch (thrown) {
      return refuse(thrown);
    } finally {
      setBusy(false);
    }
  };

  const switchTo = (toJson: boolean): void => {
    setDraft(toJson ? JSON.stringify(skeletonOf(form, draft) ?? {}, undefined, 2) : startDraft(form));
    setPlaced(noFaults);
    setJson(toJson);
  };

  return {
    field,
    draft,
    setDraft,
    isJson,
    setJson: switchTo,
    priority,
    setPriority: (chosen) => setPriority(chosen === 'high' || chosen === 'low' ? chosen : 'normal'),
    labels,
    setLabels,
    placed,
    error,
    isBusy,
    send,
  };
};
