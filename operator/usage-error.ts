/** What was asked for cannot be understood. Answered with the usage. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
