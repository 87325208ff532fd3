/** Cuts a stream of bytes into lines of bounded length. */

export interface LineReaderDeps {
  /** Longest line, in bytes. */
  maxBytes: number;
  /** Without the line break. */
  onLine: (line: string) => void;
  /** Called once for a line that passes the bound; what is left of that line is dropped. */
  onTooLong: () => void;
}

const lineFeed = 10;

/** @returns what takes the stream's next bytes. */
export const createLineReader = (deps: LineReaderDeps): ((chunk: Buffer) => void) => {
  /** Pieces of the line that has not ended yet; joined once, at its end. */
  let pieces: Buffer[] = [];
  let heldBytes = 0;
  let isDropping = false;

  const hold = (piece: Buffer): void => {
    if (isDropping) return;
    heldBytes += piece.length;
    if (heldBytes <= deps.maxBytes) {
      pieces.push(piece);
      return;
    }
    isDropping = true;
    pieces = [];
    deps.onTooLong();
  };

  const endLine = (): void => {
    const line = pieces.length === 1 ? pieces[0] : Buffer.concat(pieces);
    const isDropped = isDropping;
    pieces = [];
    heldBytes = 0;
    isDropping = false;
    if (!isDropped && line) deps.onLine(line.toString('utf8'));
  };

  return (chunk) => {
    let from = 0;
    for (let end = chunk.indexOf(lineFeed); end >= 0; end = chunk.indexOf(lineFeed, from)) {
      hold(chunk.subarray(from, end));
      endLine();
      from = end + 1;
    }
    if (from < chunk.length) hold(chunk.subarray(from));
  };
};
