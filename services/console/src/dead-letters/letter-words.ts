/** Why messages were set aside, and why some stay, as sentences. */
const reasons: Readonly<Record<string, string>> = {
  not_json: 'No JSON',
  wrong_schema: 'Not of the form of a job',
  unknown_version: 'Of a form that is not known yet',
  delivery_limit: 'Delivered and given back too often',
  rejected: 'Refused by a consumer',
  unknown: 'Nobody noted why',
};

export const reasonWords = (reason: string): string => reasons[reason] ?? reason;

const whyLeft: Readonly<Record<string, string>> = {
  missing: 'not there any more',
  held: 'being sent by somebody else',
  cut: 'not kept whole',
  unconfirmed: 'not confirmed by the broker',
  untried: 'not tried any more',
};

interface Left {
  why: string;
}

/** What became of a redrive, in one sentence. */
export const redriveWords = (redriven: number, left: readonly Left[]): string => {
  const sent = `${redriven} sent back to ${redriven === 1 ? 'its queue' : 'their queues'}`;
  if (left.length === 0) return `${sent}.`;
  const whys = Map.groupBy(left, ({ why }) => whyLeft[why] ?? why);
  const parts = [...whys].map(([why, letters]) => `${letters.length} ${why}`);
  return `${sent}; ${left.length} stayed: ${parts.join(', ')}.`;
};
