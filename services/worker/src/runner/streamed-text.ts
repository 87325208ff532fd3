/** What a run has streamed, piece by piece. Pieces of a letter each, or of none, take little more memory than their text. */
export interface StreamedText {
  add: (piece: string) => void;
  /** Nothing was added, not even an empty piece. */
  isUntouched: () => boolean;
  length: () => number;
  text: () => string;
}

/** So many become one: joining fewer would copy more often, keeping more would cost more than the text. */
const mostPieces = 1_024;

export const createStreamedText = (): StreamedText => {
  const joined: string[] = [];
  let pieces: string[] = [];
  let length = 0;
  let isUntouched = true;
  return {
    add: (piece) => {
      isUntouched = false;
      if (piece === '') return;
      length += piece.length;
      pieces.push(piece);
      if (pieces.length < mostPieces) return;
      joined.push(pieces.join(''));
      pieces = [];
    },
    isUntouched: () => isUntouched,
    length: () => length,
    text: () => [...joined, ...pieces].join(''),
  };
};
