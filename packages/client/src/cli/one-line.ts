/** Text of a task's or the api's on a line of ours: without line ends, and without what would command the terminal. */
export const oneLine = (text: string): string => text.replaceAll(/[\p{Cc}\s]+/gu, ' ').trim();
