/** What RabbitMQ's refusals and silences mean to those who asked. */
import { AppError } from '../errors/app-error.ts';

/** RabbitMQ's answer to a question about a queue that does not exist: then it holds no messages either. */
export const isNoQueue = (thrown: unknown): boolean =>
  thrown instanceof Error && thrown.message.includes('NOT_FOUND - no queue');

/** @throws AppError `queue-unavailable` for whatever the question failed with; an AppError of ours as it is. */
export const brokerAnswer = async <Answer>(question: Promise<Answer>): Promise<Answer> => {
  try {
    return await question;
  } catch (thrown) {
    if (thrown instanceof AppError) throw thrown;
    throw new AppError('queue-unavailable', 'the broker does not tell', { cause: thrown });
  }
};
