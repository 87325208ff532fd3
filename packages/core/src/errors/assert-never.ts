/** Marks the end of an exhaustive switch: a new case that is forgotten fails to compile, and throws if it gets here. */
export const assertNever = (value: never): never => {
  throw new Error(`unhandled case: ${JSON.stringify(value)}`);
};
