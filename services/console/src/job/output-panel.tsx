/** A job's output: as it streams in, and when it is done; to read, to copy, to keep. */
import { useState } from 'preact/hooks';
import { type ApiError, asApiError } from '../api/api-error.ts';
import type { Job } from '../api/schemas.ts';
import { useApi } from '../session/session-context.ts';
import { BusyButton } from '../ui/busy-button.tsx';
import { CopyButton } from '../ui/copy-button.tsx';
import { Fault } from '../ui/fault.tsx';
import { bytes } from '../ui/format.ts';
import { Icon } from '../ui/icon.tsx';
import { saveBlob } from '../ui/save-blob.ts';
import { fileNameFor, isReadable } from './file-name.ts';
import { Scroll } from './scroll.tsx';
import type { LogPart } from './story.ts';
import { cutHint, streamedTitle } from './streamed-words.ts';

/** Of a large output so much is shown when somebody asks. */
const headBytes = 4_096;

const asText = (output: unknown): string =>
  typeof output === 'string' ? output : JSON.stringify(output, undefined, 2);

/** Something with a wait and perhaps an error. */
const useTask = () => {
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError>();
  const run = async (work: () => Promise<void>): Promise<void> => {
    setBusy(true);
    setError(undefined);
    try {
      await work();
    } catch (thrown) {
      setError(asApiError(thrown));
    } finally {
      setBusy(false);
    }
  };
  return { isBusy, error, run };
};

const DownloadButton = ({ job }: { job: Job }) => {
  const api = useApi();
  const { isBusy, error, run } = useTask();
  const download = async (): Promise<void> => {
    const blob = await api.output(job.id);
    saveBlob(blob, fileNameFor(job.task, job.id, blob.type));
  };
  const size = job.outputBytes === null ? '' : ` (${bytes(job.outputBytes)})`;
  return (
    <>
      <BusyButton isBusy={isBusy} onClick={() => void run(download)}>
        <Icon name="download" /> {isBusy ? 'Downloading…' : `Download${size}`}
      </BusyButton>
      {error && <Fault error={error} retry={() => void run(download)} />}
    </>
  );
};

/** Undefined until somebody asks; null where it is nothing to read. */
type Head = string | null | undefined;

const LargeOutput = ({ job }: { job: Job }) => {
  const api = useApi();
  const [head, setHead] = useState<Head>();
  const { isBusy, error, run } = useTask();
  const show = async (): Promise<void> => {
    const blob = await api.outputHead(job.id, headBytes);
    setHead(isReadable(blob.type) ? await blob.text() : null);
  };
  return (
    <>
      <p>
        {job.outputBytes === null ? 'It' : `It has ${bytes(job.outputBytes)} and`} is not shown here as a
        whole.
      </p>
      {head === undefined && (
        <button type="button" class="button" disabled={isBusy} onClick={() => void run(show)}>
          {isBusy ? 'Reading…' : 'Show its beginning'}
        </button>
      )}
      {head === null && <p class="hint">It is nothing that can be read as text.</p>}
      {typeof head === 'string' && <Scroll label="Beginning of the output" text={`${head}…`} wraps />}
      {error && <Fault error={error} />}
    </>
  );
};

const FinalOutput = ({ job }: { job: Job }) => {
  const isInline = job.output !== undefined;
  return (
    <section class="card panel">
      <div class="panel-head">
        <h2>Output</h2>
        <div class="panel-buttons">
          {isInline && <CopyButton what="output" text={asText(job.output)} />}
          <DownloadButton job={job} />
        </div>
      </div>
      {isInline ? <Scroll label="Output" text={asText(job.output)} wraps /> : <LargeOutput job={job} />}
    </section>
  );
};

const StreamedOutput = ({ job, part }: { job: Job; part: LogPart }) => {
  const title = streamedTitle(job, part);
  return (
    <section class="card panel">
      <div class="panel-head">
        <h2>{title}</h2>
        <CopyButton what={title.toLowerCase()} text={part.text} />
      </div>
      <Scroll label={title} text={part.text} wraps follows />
      {part.isCut && <p class="hint">{cutHint(job)}</p>}
    </section>
  );
};

export const OutputPanel = ({ job, streamed }: { job: Job; streamed: LogPart }) => {
  if (job.status === 'done') return <FinalOutput job={job} />;
  return streamed.text === '' ? null : <StreamedOutput job={job} part={streamed} />;
};
