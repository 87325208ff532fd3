/** What holds for every token, whoever signed it. */

/** For clocks that differ. */
export const clockToleranceSeconds = 30;
/** Nobody's token is longer; what is, is not even looked at. */
export const longestTokenChars = 8_192;
