/** Choose a task, fill in its form. */
import { useCallback, useEffect, useState } from 'preact/hooks';
import { type ApiError, asApiError } from '../api/api-error.ts';
import type { Job, Task } from '../api/schemas.ts';
import { useApi, useMay } from '../session/session-context.ts';
import { Fault } from '../ui/fault.tsx';
import { Icon } from '../ui/icon.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { SubmitForm } from './submit-form.tsx';

export interface NewJobProps {
  /** Undefined while they are on their way. */
  tasks: readonly Task[] | undefined;
  error: ApiError | undefined;
  reload: () => void;
  onSubmitted: (job: Job) => void;
}

export const useTasks = (): Pick<NewJobProps, 'tasks' | 'error' | 'reload'> => {
  const api = useApi();
  const [tasks, setTasks] = useState<readonly Task[]>();
  const [error, setError] = useState<ApiError>();
  const load = useCallback(async () => {
    setError(undefined);
    await api.tasks().then(setTasks, (thrown: unknown) => setError(asApiError(thrown)));
  }, [api]);
  useEffect(() => void load(), [load]);
  return { tasks, error, reload: useCallback(() => void load(), [load]) };
};

const TaskChoice = ({
  tasks,
  chosen,
  choose,
}: {
  tasks: readonly Task[];
  chosen: Task;
  choose: (name: string) => void;
}) => (
  <div class="field">
    <label htmlFor="task">Task</label>
    <select id="task" value={chosen.name} onInput={({ currentTarget }) => choose(currentTarget.value)}>
      {tasks.map(({ name, title }) => (
        <option key={name} value={name}>
          {title ?? name}
        </option>
      ))}
    </select>
  </div>
);

const NoTasks = ({ reload }: { reload: () => void }) => (
  <div class="empty empty-small">
    <h3>No task yet</h3>
    <p>A worker announces what it can do when it starts. Start one, then look again.</p>
    <button type="button" class="button" onClick={reload}>
      Look again
    </button>
  </div>
);

const Chooser = ({ tasks, reload, onSubmitted }: NewJobProps & { tasks: readonly Task[] }) => {
  const [name, setName] = useState<string>();
  const chosen = tasks.find((task) => task.name === name) ?? tasks[0];
  if (chosen === undefined) return <NoTasks reload={reload} />;
  return (
    <>
      {tasks.length > 1 ? (
        <TaskChoice tasks={tasks} chosen={chosen} choose={setName} />
      ) : (
        <h3 class="task-title">{chosen.title ?? chosen.name}</h3>
      )}
      {chosen.description !== undefined && <p class="hint task-description">{chosen.description}</p>}
      <SubmitForm key={chosen.name} task={chosen} onSubmitted={onSubmitted} />
    </>
  );
};

const Body = (props: NewJobProps) => {
  const mayWrite = useMay('jobs:write');
  return (
    <>
      {!mayWrite && (
        <p class="hint">
          Your token can look, not submit: it lacks the scope <code>jobs:write</code>.
        </p>
      )}
      {mayWrite && props.error && <Fault error={props.error} retry={props.reload} />}
      {mayWrite && !props.error && !props.tasks && <Skeleton lines={4} label="Tasks are loading" />}
      {mayWrite && !props.error && props.tasks && <Chooser {...props} tasks={props.tasks} />}
    </>
  );
};

/** On a narrow screen the list would be far below a form: there it is opened when somebody wants it. */
export const NewJob = (props: NewJobProps) => {
  const [isOpen, setOpen] = useState(false);
  return (
    <section class={`card new-job ${isOpen ? 'new-job-open' : ''}`} aria-labelledby="new-job">
      <h2 id="new-job">New job</h2>
      <button
        type="button"
        class="button new-job-toggle"
        aria-expanded={isOpen}
        aria-controls="new-job-form"
        onClick={() => setOpen((open) => !open)}
      >
        <Icon name={isOpen ? 'minus' : 'plus'} /> {isOpen ? 'Close' : 'Open'}
        <span class="visually-hidden"> the form</span>
      </button>
      <div id="new-job-form" class="new-job-form">
        <Body {...props} />
      </div>
    </section>
  );
};
