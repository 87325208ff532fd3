/**
 * The rules that the design rests on, each a switch. The system has all of them; a variant that lacks one must break the
 * invariant that the rule is there for, or the check proves nothing.
 */
export interface Rules {
  /** Somebody looks at what is due. */
  sweep: boolean;
  /** After an outage of Redis the sweepers wait one lease. */
  pauseAfterOutage: boolean;
  /** The record is written before the message is sent. */
  recordFirst: boolean;
  /** The client is answered when the record is written, not before. */
  answerAfterRecord: boolean;
  /** A repeated submission with the same key is the same job. */
  idempotencyKey: boolean;
  /** A worker acknowledges after the outcome was told, not on receipt. */
  ackAfterOutcome: boolean;
  /** Redis has on disk what it has acknowledged. */
  durable: boolean;
  /** CLAIM refuses while another's lease lasts. */
  claimAsksLease: boolean;
  /** CLAIM takes a redelivered job only from a holder that is silent. */
  claimAsksSilence: boolean;
  /** CLAIM refuses before a retry's delay is over. */
  claimAsksDelay: boolean;
  /** CLAIM raises the attempt and gives a new token. */
  claimRaisesFence: boolean;
  /** CLAIM answers the same delivery the same again. */
  claimKnowsNonce: boolean;
  /** CLAIM gives a repeated claim its lease anew: its worker begins now. */
  claimRenewsRepeat: boolean;
  /** CLAIM answers the same delivery with the same urgent job again. */
  claimKnowsSwap: boolean;
  /** CLAIM leaves the job in `due`, where its lease now stands. */
  claimKeepsDue: boolean;
  /** PUBLISHED leaves the job in `due`. */
  publishedKeepsDue: boolean;
  /** CLAIM and REAP end a job that has used up its tries. */
  triesEnd: boolean;
  /** COMPLETE compares attempt and token. */
  completeAsksHolder: boolean;
  /** FAIL compares attempt and token. */
  failAsksHolder: boolean;
  /** BEAT compares attempt and token. */
  beatAsksHolder: boolean;
  /** BEAT takes a job that its holder takes up again out of the queue. */
  beatLeavesQueue: boolean;
  /** COMPLETE refuses a job that is final. */
  completeAsksFinal: boolean;
  /** CANCEL refuses a job that is final. */
  cancelAsksFinal: boolean;
  /** RETRY takes failed and cancelled jobs only. */
  retryAsksStatus: boolean;
  /** EXPIRE takes final jobs only. */
  expireAsksFinal: boolean;
  /** REAP leaves a job that is not due (any more). */
  reapAsksScore: boolean;
  /** REAP leaves a job whose lease lasts. */
  reapAsksLease: boolean;
  /** REAP drops a job that is final by now. */
  reapAsksFinal: boolean;
  /** The end of a job takes it out of `due`. */
  finishLeavesDue: boolean;
  /** The end of a job takes its token away. */
  finishDropsToken: boolean;
  /** Only the end of a job puts a TTL on its record; RETRY takes it off. */
  ttlOnlyOnFinal: boolean;
}

export const safeRules: Rules = {
  sweep: true,
  pauseAfterOutage: true,
  recordFirst: true,
  answerAfterRecord: true,
  idempotencyKey: true,
  ackAfterOutcome: true,
  durable: true,
  claimAsksLease: true,
  claimAsksSilence: true,
  claimAsksDelay: true,
  claimRaisesFence: true,
  claimKnowsNonce: true,
  claimRenewsRepeat: true,
  claimKnowsSwap: true,
  claimKeepsDue: true,
  publishedKeepsDue: true,
  triesEnd: true,
  completeAsksHolder: true,
  failAsksHolder: true,
  beatAsksHolder: true,
  beatLeavesQueue: true,
  completeAsksFinal: true,
  cancelAsksFinal: true,
  retryAsksStatus: true,
  expireAsksFinal: true,
  reapAsksScore: true,
  reapAsksLease: true,
  reapAsksFinal: true,
  finishLeavesDue: true,
  finishDropsToken: true,
  ttlOnlyOnFinal: true,
};
